import type {
  AlertPublisher,
  Clock,
  ClusterRegistry,
  Documents,
  Log,
  MetricSource,
} from '../../../ports.js';
import { lastDay } from '../../clusters/stored-series.js';
import { clusterIdOf } from '../../promql/cluster-label.js';
import { isPartial } from '../../promql/store-notes.js';
import type { AlertDocuments } from '../document.js';
import { readShardStatus, writeShardCount } from '../evaluation-status.js';
import { LeaseLost, type LeaderElection } from '../leader-election.js';
import { createOutboxPublisher } from '../notification/outbox.js';
import type { ThresholdOverrides } from '../rules/threshold-overrides.js';
import type { EvaluateShard, FleetInputs } from './shard-evaluation.js';
import { leaseOf, shardsFor } from './shards.js';

export interface AlertEvaluationOptions {
  source: Pick<MetricSource, 'clusters'>;
  documents: Documents;
  alertDocuments: AlertDocuments;
  registry: Pick<ClusterRegistry, 'list'>;
  publisher: AlertPublisher;
  overrides: Pick<ThresholdOverrides, 'all'>;
  evaluateShard: EvaluateShard;
  /** The election of who evaluates a shard, by the name of its lease. */
  electionOf: (name: string) => LeaderElection;
  /** How often each shard is evaluated, ms. */
  everyMs: number;
  clock: Clock;
  /** Waits for so many ms. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Whether to leave the rest to others. */
  isStopping: () => boolean;
  log: Log;
  /** Called for each pass, and for each event that the broker has taken. */
  onRound: (outcome: 'done' | 'not_our_turn' | 'turn_lost') => void;
  onPublished: () => void;
}

/** Evaluates the rules of the whole fleet, shard by shard. */
export interface AlertEvaluation {
  /**
   * One pass over the shards that are due and no other replica has. Throws what the next one may recover from.
   */
  run(signal: AbortSignal): Promise<void>;
}

/** Share of `everyMs` over which the shards of a pass are spread. */
const spread = 0.5;

/** The evaluation of alerts; `run` is called on every tick of every replica, which share the shards so. */
export function createAlertEvaluation(options: AlertEvaluationOptions): AlertEvaluation {
  const { source, documents, registry, overrides, electionOf, clock, log } = options;
  const { everyMs, evaluateShard, onRound } = options;
  let isRunning = false;
  /** Where the next pass begins: one that ended early left the others to it. */
  let next = 0;

  async function readFleet(signal: AbortSignal): Promise<FleetInputs> {
    const [clusters, own, records] = await Promise.all([
      source.clusters(lastDay(clock), signal).catch((error: unknown) => {
        signal.throwIfAborted();
        log.warn('the store could not answer for alerts', { group: 'clusters', error });
        return null;
      }),
      overrides.all(signal),
      registry.list(signal),
    ]);
    const deleted = records.flatMap(({ clusterId, state }) =>
      state === 'deleted' ? [clusterId] : [],
    );
    return {
      labels: clusters?.values ?? null,
      isPartial: clusters !== null && isPartial(clusters.notes),
      overrides: own,
      deleted: new Set(deleted),
    };
  }

  async function pass(signal: AbortSignal): Promise<'done' | 'not_our_turn' | 'turn_lost'> {
    const { length: count } = await readShardStatus(documents, signal);
    const outbox = createOutboxPublisher(options);
    const began = clock.now();
    const first = next;
    let fleet: FleetInputs | undefined;
    let outcome: 'done' | 'not_our_turn' | 'turn_lost' = 'not_our_turn';
    for (let step = 0; step < count && !options.isStopping(); step += 1) {
      const shard = { index: (first + step) % count, count };
      const lease = await electionOf(leaseOf(shard)).acquire(signal);
      if (lease === null) continue;
      next = (shard.index + 1) % count;
      try {
        fleet ??= await readFleet(signal);
        const wanted = countFor(fleet, count);
        if (wanted !== count) {
          await writeShardCount(documents, wanted, signal);
          await lease.release(signal);
          return await pass(signal);
        }
        await evaluateShard(shard, { fleet, outbox, lease }, signal);
        await lease.release(signal);
        if (outcome === 'not_our_turn') outcome = 'done';
      } catch (error) {
        if (!(error instanceof LeaseLost)) throw error;
        log.warn('another replica took over the evaluation of alerts');
        outcome = 'turn_lost';
      }
      const early = began + ((step + 1) * spread * everyMs) / count - clock.now();
      if (early > 0 && step + 1 < count) await options.wait(early, signal);
    }
    return outcome;
  }

  return {
    async run(signal) {
      if (isRunning) {
        onRound('not_our_turn');
        return;
      }
      isRunning = true;
      try {
        onRound(await pass(signal));
      } finally {
        isRunning = false;
      }
    },
  };
}

/** How many shards the fleet needs; as many as before where it is not known. */
function countFor({ labels }: FleetInputs, current: number): number {
  if (labels === null) return current;
  return shardsFor(labels.filter((label) => clusterIdOf(label) !== null).length, current);
}
