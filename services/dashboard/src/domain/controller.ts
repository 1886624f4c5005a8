import { createOutrankedReport, type OutrankedLabels } from '@bud-monitoring/cluster-events';
import type {
  Clock,
  ClusterDiscoverySource,
  EventPublisher,
  Grafana,
  Log,
  Meter,
  Store,
  Timers,
} from '../ports.js';
import { createDiscovery } from './discovery.js';
import { createDeadLetterStore, type DeadLetters } from './events/dead-letter-store.js';
import { createEventHandler, type EventHandler } from './events/event-handler.js';
import { createCredentialsPause, type CredentialsPause } from './grafana/credentials-pause.js';
import { createLivenessMonitor, type LivenessMonitor } from './grafana/liveness-monitor.js';
import { createRoundClaim } from './lease/round-claim.js';
import { createOrphans, type Orphans } from './orphans.js';
import { createConcurrencyLimit } from './queue/concurrency-limit.js';
import { createWorkQueue, type WorkQueue } from './queue/work-queue.js';
import { createClusterReconciler } from './reconcile/cluster-reconciler.js';
import type { ReconcileSettings } from './reconcile/context.js';
import { createLinkCheck, type LinkCheck } from './reconcile/link-check.js';
import { createProductReconciler } from './reconcile/product-reconciler.js';
import { createWriter } from './reconcile/writer.js';
import { createResyncLoop, type ResyncLoop } from './resync/resync-loop.js';
import { createFleetCheck } from './resync/fleet-check.js';
import { createResync, type Resync } from './resync/resync.js';
import type { StatusCounts } from './resync/status-counts.js';
import { createClusterIndex, type ClusterIndex } from './state/cluster-index.js';
import { createDesiredStateWriter, type DesiredStateWriter } from './state/desired-state-writer.js';
import { createRecordStore, type Records } from './state/record-store.js';
import type { OwnDashboard } from './templates/product.js';

/** What a controller works with. */
export interface ControllerOptions {
  store: Store;
  grafana: Grafana;
  eventPublisher: EventPublisher;
  /** Where clusters are discovered; null where that is switched off. */
  discoverySource: ClusterDiscoverySource | null;
  clock: Clock;
  timers: Timers;
  /** Runs work that is not its caller's: it goes on when the caller has gone. */
  detached: (work: () => Promise<void>) => Promise<void>;
  log: Log;
  /** The same, but for warnings that repeat. */
  sparingLog: Log;
  meter: Meter & { outranked: (labels: OutrankedLabels) => void };
  /** In [0, 1). */
  random: () => number;
  /** Differs for every process. */
  holder: string;
  settings: ReconcileSettings;
  /** The release of this service. */
  version: string;
  /** The dashboards of the product itself that are switched on. */
  own: readonly OwnDashboard[];
  /** The public link of an access token; null where events must not carry it. */
  publicLinkUrl: ((token: string) => string) | null;
  /** Differs for other credentials of Grafana, and does not reveal them. */
  fingerprint: string;
  /** 0 for a token, which is never locked. */
  loginPauseMs: number;
  concurrency: number;
  pendingIntervalMs: number;
  driftIntervalMs: number;
  /** Clusters up to which a full resync reads all of each; 500 by default. */
  wholeReadLimit?: number;
  /** Whether Grafana is up; needs no credentials; never throws. */
  isGrafanaUp: () => Promise<boolean>;
  onStatusCounts: (counts: StatusCounts) => void;
}

/** From an event to dashboards: all parts over one state store and one Grafana. */
export interface Controller {
  records: Records;
  index: ClusterIndex;
  deadLetters: DeadLetters;
  credentialsPause: CredentialsPause;
  desiredState: DesiredStateWriter;
  orphans: Orphans;
  linkCheck: LinkCheck;
  eventHandler: EventHandler;
  workQueue: WorkQueue;
  resync: Resync;
  resyncLoop: ResyncLoop;
  livenessMonitor: LivenessMonitor;
  /** Stops everything, and waits for running reconciles. */
  stop(): Promise<void>;
}

/** Half of it is longer than any call to Grafana takes. */
const leaseMs = 30_000;
/** How long an uncertain write may still take effect in Grafana. */
const uncertainMs = 30_000;
/** Reconciles per slot of the concurrency limit: one reads or writes its record meanwhile. */
const reconcilesPerSlot = 2;

const defaultWholeReadLimit = 500;

/** How often a Grafana that is down is probed. */
const probeIntervalMs = 3_000;

/** A controller that has not started yet: `resyncLoop.start` does. */
export function createController(options: ControllerOptions): Controller {
  const { store, clock, timers, log, sparingLog, settings, holder, meter } = options;
  /** For what an outage makes repeat itself. */
  const records = createRecordStore({ store });
  const index = createClusterIndex({ store, log });
  const deadLetters = createDeadLetterStore({
    store,
    clock,
    log,
    onDropped: (count) => meter.deadLettersDropped(count),
  });
  const { fingerprint, loginPauseMs } = options;
  const credentialsPause = createCredentialsPause({
    store,
    clock,
    fingerprint,
    pauseMs: loginPauseMs,
  });
  const livenessMonitor = createLivenessMonitor({
    timers,
    intervalMs: probeIntervalMs,
    isUp: options.isGrafanaUp,
    onRecovered: () => {
      log.info('grafana is up again');
      workQueue.expedite();
      requestFullResync();
    },
  });
  const shared = {
    credentialsPause,
    limitGrafana: createConcurrencyLimit(options.concurrency),
    onCredentialsAccepted: () => workQueue.expedite(),
    onTransientFailure: () => livenessMonitor.reportFailure(),
    onDashboardMissing: () => requestFullResync(),
  };
  const started = { version: options.version, startedAt: clock.now() };
  const writer = createWriter(started, settings.templates);
  const clusterReconciler = createClusterReconciler({
    ...options,
    ...shared,
    records,
    writer,
    leaseMs,
    uncertainMs,
  });
  const ownReconcilers = options.own.map((own) => {
    const hash = [own.plain, own.recorded?.dashboard].map((one) => one?.revision ?? '').join('');
    return createProductReconciler({
      ...options,
      ...shared,
      own,
      writer: createWriter(started, [{ name: 'product', hash }]),
    });
  });
  const workQueue = createWorkQueue({
    clock,
    timers,
    log: sparingLog,
    concurrency: reconcilesPerSlot * options.concurrency,
    detached: options.detached,
    reconcile: clusterReconciler.reconcile,
  });
  const desiredState = createDesiredStateWriter({
    records,
    index,
    clock,
    enqueue: (id) => workQueue.enqueue(id),
  });
  const { discoverySource } = options;
  const orphans = createOrphans({
    ...options,
    credentialsPause,
    records,
    desiredState,
    sharing: settings.sharing,
  });
  const resync = createResync({
    ...options,
    discovery:
      discoverySource === null
        ? null
        : createDiscovery({ discoverySource, desiredState, clock, log }),
    index,
    records,
    workQueue,
    fleetCheck: createFleetCheck({ ...options, credentialsPause, writer }),
    wholeReadLimit: options.wholeReadLimit ?? defaultWholeReadLimit,
    roundClaim: createRoundClaim({ store, clock, holder }),
    sharing: settings.sharing,
    onFullResync: () => {
      for (const reconciler of ownReconcilers) void reconciler.reconcile();
      void countOrphans();
    },
  });
  /** Not awaited: the next full resync comes anyway. */
  function requestFullResync(): void {
    resync.requestFullResync().catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      sparingLog.warn('the resync failed', { reason });
    });
  }
  /** Not awaited, and never throws. */
  async function countOrphans(): Promise<void> {
    try {
      const found = await orphans.list();
      meter.orphans(found.length);
      if (found.length > 0)
        log.warn('grafana holds dashboards of ours of clusters that are not known', {
          clusters: found.length,
          first: found[0]?.id,
        });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn('grafana could not be searched for dashboards of unknown clusters', { reason });
    }
  }
  const onDeadLetter = () => meter.deadLetter();
  const onOutranked = createOutrankedReport({ log, count: (labels) => meter.outranked(labels) });
  const resyncLoop = createResyncLoop({ resync, clock, timers, log: sparingLog });
  return {
    records,
    index,
    deadLetters,
    credentialsPause,
    desiredState,
    orphans,
    linkCheck: createLinkCheck({ ...options, credentialsPause }),
    eventHandler: createEventHandler({
      desiredState,
      deadLetters,
      clock,
      log: sparingLog,
      onDeadLetter,
      onOutranked,
    }),
    workQueue,
    resync,
    resyncLoop,
    livenessMonitor,
    async stop() {
      livenessMonitor.stop();
      await resyncLoop.stop();
      await Promise.all([workQueue.stop(), ...ownReconcilers.map((own) => own.stop())]);
    },
  };
}
