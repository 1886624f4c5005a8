import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Store, Timers } from '../../ports.js';
import { backoffMs } from '../queue/backoff.js';
import { bringDashboard } from './apply-dashboard.js';
import { Failure } from '../grafana/failure.js';
import type { DriftPolicy } from './plan.js';
import { observedDashboardSchema } from '../state/record.js';
import type { ProductDashboard } from '../templates/product.js';
import type { WorkOptions } from './cluster-reconciler.js';

/** Keeps the dashboard of the product itself in Grafana. */
export interface ProductWork {
  /** Looks whether it is as it should be, unless a try that failed is to be waited for. Never throws. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

const key = 'product-dashboard';
const noteSchema = z.object({ v: z.literal(1), observed: observedDashboardSchema });

/** Wait after an error that is not Grafana's: the state store is down. */
const troubleMs = 5_000;

/** What it shares with the work on clusters, the slots at Grafana among it. */
type Shared = Pick<
  WorkOptions,
  'grafana' | 'gate' | 'atGrafana' | 'clock' | 'log' | 'meter' | 'random' | 'onTrouble' | 'onLost'
>;

interface ProductWorkOptions extends Shared {
  product: ProductDashboard;
  store: Store;
  settings: { drift: DriftPolicy };
  timers: Timers;
}

export function createProductWork(options: ProductWorkOptions): ProductWork {
  const { product, store, grafana, gate, clock, log } = options;
  const { dashboard, revision } = product;
  const giveUp = new AbortController();
  let running: Promise<void> | null = null;
  let cancel: (() => void) | null = null;
  let notBefore = 0;
  let attempts = 0;

  async function bring(): Promise<void> {
    const entry = await store.get(key);
    const note = noteSchema.safeParse(entry?.value);
    const before = note.success ? note.data.observed : null;
    const after = await options.atGrafana(async () => {
      await gate.check();
      const { folderUid } = await grafana.prepare(giveUp.signal);
      // Without a lease: a save names the version that was read, so of two replicas one does it and
      // the other finds it done.
      const run = { ...options, signal: giveUp.signal, hold: () => Promise.resolve() };
      const wish = {
        uid: dashboard.uid,
        revision,
        render: () => dashboard,
        longTitle: `${dashboard.title} (${dashboard.uid})`,
        folderUid,
      };
      return bringDashboard(run, wish, before);
    });
    if (isDeepStrictEqual(after, before)) return;
    // Another replica's note is as good as ours.
    await store.save(
      key,
      { v: 1, observed: after },
      entry === null ? 'absent' : { etag: entry.etag },
    );
  }

  async function bringOrWait(): Promise<void> {
    try {
      await bring();
      attempts = 0;
      notBefore = 0;
    } catch (error) {
      if (giveUp.signal.aborted) return;
      const waitMs = await waitAfter(error);
      notBefore = clock.now() + waitMs;
      cancel = options.timers.after(waitMs, () => void work.look());
    }
  }

  /** Milliseconds until the next try. */
  async function waitAfter(error: unknown): Promise<number> {
    const reason = error instanceof Error ? error.message : String(error);
    if (!(error instanceof Failure)) {
      log.warn('the dashboard of the product cannot be seen to', { reason });
      return troubleMs;
    }
    const lasting = error.kind !== 'transient';
    options.meter.failure(error.code);
    const fields = { code: error.code, reason };
    if (lasting) log.error('the dashboard of the product needs somebody to mend something', fields);
    else log.warn('the dashboard of the product has to wait for another try', fields);
    if (!lasting) options.onTrouble();
    if (error.kind === 'unauthorized') {
      if (gate.pausedUntil === null) await gate.close().catch(() => undefined);
      if (gate.pausedUntil !== null) return gate.pausedUntil - clock.now();
    }
    attempts += 1;
    const { retryAfterMs } = error;
    return backoffMs({ attempts, lasting, retryAfterMs, random: options.random() });
  }

  const work: ProductWork = {
    look() {
      if (giveUp.signal.aborted || clock.now() < notBefore) return Promise.resolve();
      cancel?.();
      running ??= bringOrWait().finally(() => (running = null));
      return running;
    },
    async stop() {
      giveUp.abort(new Error('the service stops'));
      cancel?.();
      await running;
    },
  };
  return work;
}
