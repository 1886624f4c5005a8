import type { Announcer, Clock, Grafana, Log, Meter, Sightings, Store, Timers } from '../ports.js';
import { createDeadLetters, type DeadLetters } from './events/dead-letters.js';
import { createDelivery, type Delivery } from './events/event-handler.js';
import { createDiscovery } from './discovery.js';
import { createIntake, type Intake } from './state/desired-state.js';
import { createGate, type Gate } from './grafana/credentials-pause.js';
import type { Settings } from './reconcile/context.js';
import { createClusterIndex, type ClusterIndex } from './state/cluster-index.js';
import { createRecords, type Records } from './state/records.js';
import type { ProductDashboard } from './templates/product.js';
import { createPasses, type Passes, type Survey } from './resync/resync.js';
import { createProductWork } from './reconcile/product-reconciler.js';
import { createReconcile, type Reconcile } from './resync/resync-loop.js';
import { createScheduler, type Scheduler } from './queue/scheduler.js';
import { createSlots } from './queue/concurrency-limit.js';
import { createTurns } from './lease/leader-lease.js';
import { createWatch, type Watch } from './grafana/liveness-monitor.js';
import { createWork } from './reconcile/cluster-reconciler.js';

export interface ProvisionerOptions {
  store: Store;
  grafana: Grafana;
  announcer: Announcer;
  /** Where clusters are discovered; null where that is not wanted. */
  sightings: Sightings | null;
  clock: Clock;
  timers: Timers;
  log: Log;
  meter: Meter & { deadLetter: () => void };
  /** In [0, 1). */
  random: () => number;
  /** Differs for every process. */
  holder: string;
  settings: Settings;
  /** The dashboard of the product itself; null where it is not wanted. */
  product: ProductDashboard | null;
  /** Makes the public link of a token, where events may carry it. */
  linkOf: ((token: string) => string) | null;
  /** Differs for other credentials of Grafana, and does not tell them. */
  fingerprint: string;
  loginPauseMs: number;
  concurrency: number;
  pendingEveryMs: number;
  driftEveryMs: number;
  /** Whether Grafana is up; needs no credentials; never throws. */
  isGrafanaUp: () => Promise<boolean>;
  onSurvey: (survey: Survey) => void;
}

/** From an event to dashboards: all parts over one store and one Grafana. */
export interface Provisioner {
  records: Records;
  index: ClusterIndex;
  deadLetters: DeadLetters;
  gate: Gate;
  intake: Intake;
  delivery: Delivery;
  scheduler: Scheduler;
  passes: Passes;
  reconcile: Reconcile;
  watch: Watch;
  /** Stops everything, and waits for what is under way. */
  stop(): Promise<void>;
}

/** Half of it is longer than any call to Grafana takes. */
const leaseMs = 30_000;
/** How long a call that we gave up on may still have an effect in Grafana. */
const doubtMs = 30_000;
/** Clusters in hand for each that Grafana is worked on for: one is read or noted meanwhile. */
const lanesEach = 2;

/** How often a Grafana that is down is asked whether it is back. */
const watchEveryMs = 3_000;

export function createProvisioner(options: ProvisionerOptions): Provisioner {
  const { store, clock, timers, log, settings, holder, meter } = options;
  const records = createRecords({ store, log });
  const index = createClusterIndex({ store });
  const deadLetters = createDeadLetters({ store, clock });
  const { fingerprint, loginPauseMs } = options;
  const gate = createGate({ store, clock, fingerprint, pauseMs: loginPauseMs });
  const watch = createWatch({
    timers,
    everyMs: watchEveryMs,
    isUp: options.isGrafanaUp,
    onBack: () => {
      log.info('grafana is back');
      scheduler.hasten();
      lookAgain();
    },
  });
  const shared = {
    gate,
    atGrafana: createSlots(options.concurrency),
    onTrouble: () => watch.trouble(),
    onLost: () => lookAgain(),
  };
  const work = createWork({ ...options, ...shared, records, leaseMs, doubtMs });
  const product =
    options.product === null
      ? null
      : createProductWork({ ...options, ...shared, product: options.product });
  const lanes = lanesEach * options.concurrency;
  const scheduler = createScheduler({ ...options, concurrency: lanes, run: work.run });
  const intake = createIntake({ records, index, clock, wake: (id) => scheduler.wake(id) });
  const { sightings } = options;
  const passes = createPasses({
    ...options,
    discovery: sightings === null ? null : createDiscovery({ sightings, intake, clock, log }),
    index,
    records,
    scheduler,
    turns: createTurns({ store, clock, holder }),
    sharing: settings.sharing,
    onLook: () => void product?.look(),
  });
  /** The next look at all comes anyway: nobody waits for this one. */
  function lookAgain(): void {
    passes.again().catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn('the search for open work failed', { reason });
    });
  }
  const onDeadLetter = () => meter.deadLetter();
  const reconcile = createReconcile({ passes, clock, timers, log });
  return {
    records,
    index,
    deadLetters,
    gate,
    intake,
    delivery: createDelivery({ intake, deadLetters, clock, log, onDeadLetter }),
    scheduler,
    passes,
    reconcile,
    watch,
    async stop() {
      watch.stop();
      await reconcile.stop();
      await Promise.all([scheduler.stop(), product?.stop()]);
    },
  };
}
