import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Store, Timers } from '../../ports.js';
import type { DatasourceChoice } from '../grafana/datasource.js';
import { Failure } from '../grafana/failure.js';
import { backoffMs } from '../queue/backoff.js';
import {
  observedDashboardSchema,
  writerSchema,
  type ObservedDashboard,
  type Writer,
} from '../state/record.js';
import type { OwnDashboard, ProductDashboard } from '../templates/product.js';
import { applyDashboard } from './apply-dashboard.js';
import type { ClusterReconcilerOptions } from './cluster-reconciler.js';
import type { DriftPolicy } from './plan.js';
import { endOtherLinks } from './public-dashboard.js';
import { isNewerWriter } from './writer.js';

/** Reconciles a dashboard of the product itself. */
export interface ProductReconciler {
  /** Reconciles it, unless the backoff of a failure has not ended. Never throws. */
  reconcile(): Promise<void>;
  stop(): Promise<void>;
}

const recordSchema = z.looseObject({
  v: z.literal(1),
  observed: observedDashboardSchema,
  writer: writerSchema.optional(),
});

/** Retry after an error that is not Grafana's: the state store is down. */
const retryAfterErrorMs = 5_000;

/** What it shares with the cluster reconciler, such as the concurrency limit. */
type Shared = Pick<
  ClusterReconcilerOptions,
  | 'grafana'
  | 'credentialsPause'
  | 'limitGrafana'
  | 'clock'
  | 'log'
  | 'meter'
  | 'random'
  | 'onTransientFailure'
  | 'onDashboardMissing'
>;

interface ProductReconcilerOptions extends Shared {
  own: OwnDashboard;
  store: Store;
  settings: { drift: DriftPolicy };
  /** This process, as the writer of the dashboard. */
  writer: Writer;
  timers: Timers;
}

/** A reconciler over the state store and Grafana. */
export function createProductReconciler(options: ProductReconcilerOptions): ProductReconciler {
  const { own, store, grafana, credentialsPause, clock, log } = options;
  const { key } = own;
  const controller = new AbortController();
  let running: Promise<void> | null = null;
  let cancel: (() => void) | null = null;
  let notBefore = 0;
  let attempts = 0;

  /** The dashboard that suits the store; null where it does not say, and one is there already. */
  async function choose(
    datasource: DatasourceChoice,
    before: ObservedDashboard | null,
  ): Promise<ProductDashboard | null> {
    const { plain, recorded } = own;
    if (recorded === undefined) return plain;
    const isThere = datasource.ok
      ? await grafana.hasSeries(recorded.series, datasource.uid, controller.signal)
      : null;
    if (isThere === null) return before === null ? plain : null;
    return isThere ? recorded.dashboard : plain;
  }

  async function apply(): Promise<void> {
    const entry = await store.get(key);
    const record = recordSchema.safeParse(entry?.value);
    const before = record.success ? record.data.observed : null;
    const isOfNewer = record.success && isNewerWriter(record.data.writer, options.writer);
    const after = await options.limitGrafana(async () => {
      await credentialsPause.check();
      const { folderUid, datasource } = await grafana.ensurePrerequisites(controller.signal);
      const chosen = await choose(datasource, before);
      // Which it is cannot be told now: what is there stays.
      if (chosen === null) return before;
      const { dashboard, revision } = chosen;
      // Without a lease: a save carries the version that was read, so of two replicas one saves and the
      // other finds it saved.
      const context = {
        ...options,
        signal: controller.signal,
        acquireOrRenew: () => Promise.resolve(),
        isOfNewer,
      };
      const desired = {
        uid: dashboard.uid,
        revision,
        render: () => dashboard,
        title: dashboard.title,
        uniqueTitle: `${dashboard.title} (${dashboard.uid})`,
        folderUid,
      };
      const observed = await applyDashboard(context, desired, before);
      // It is never public, whoever shared it.
      const uids = new Set([dashboard.uid]);
      await endOtherLinks(context, uids, { keep: null, fresh: false });
      return observed;
    });
    if (after === null || isDeepStrictEqual(after, before)) return;
    const writer = isOfNewer ? record.data.writer : options.writer;
    // What another replica recorded is as good.
    await store.save(
      key,
      { ...record.data, v: 1, observed: after, writer },
      entry === null ? 'absent' : { etag: entry.etag },
    );
  }

  async function applyOrBackOff(): Promise<void> {
    try {
      await apply();
      attempts = 0;
      notBefore = 0;
    } catch (error) {
      if (controller.signal.aborted) return;
      const waitMs = await waitAfter(error);
      notBefore = clock.now() + waitMs;
      cancel = options.timers.after(waitMs, () => void reconciler.reconcile());
    }
  }

  /** Milliseconds until the next try. */
  async function waitAfter(error: unknown): Promise<number> {
    const reason = error instanceof Error ? error.message : String(error);
    if (!(error instanceof Failure)) {
      log.warn('a dashboard of the product cannot be reconciled', { key, reason });
      return retryAfterErrorMs;
    }
    const permanent = error.kind !== 'transient';
    options.meter.failure(error.code);
    const fields = { key, code: error.code, reason };
    if (permanent)
      log.error(
        'a dashboard of the product cannot be reconciled until a person fixes the cause',
        fields,
      );
    else log.warn('the reconcile of a dashboard of the product failed and will be retried', fields);
    if (!permanent) options.onTransientFailure();
    if (error.kind === 'unauthorized') {
      if (credentialsPause.pausedUntil === null)
        await credentialsPause.begin().catch(() => undefined);
      if (credentialsPause.pausedUntil !== null) return credentialsPause.pausedUntil - clock.now();
    }
    attempts += 1;
    const { retryAfterMs } = error;
    return backoffMs({ attempts, permanent, retryAfterMs, random: options.random() });
  }

  const reconciler: ProductReconciler = {
    reconcile() {
      if (controller.signal.aborted || clock.now() < notBefore) return Promise.resolve();
      cancel?.();
      running ??= applyOrBackOff().finally(() => (running = null));
      return running;
    },
    async stop() {
      controller.abort(new Error('the service stops'));
      cancel?.();
      await running;
    },
  };
  return reconciler;
}
