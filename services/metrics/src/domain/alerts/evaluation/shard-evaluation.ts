import { isDeepStrictEqual } from 'node:util';
import type { AlertOverrides, AlertThresholds, ClusterId } from '@bud-monitoring/contracts';
import type {
  AlertReceiver,
  Clock,
  Documents,
  Log,
  MetricSource,
  ReceiverAlert,
} from '../../../ports.js';
import { clusterIdOf } from '../../promql/cluster-label.js';
import { scopesOf } from '../../promql/cluster-scopes.js';
import { fleetScope, type Scope, type ScopeSettings } from '../../promql/scope.js';
import { isPartial, withNotes } from '../../promql/store-notes.js';
import type { GrowthSemantics } from '../../time-base/growth.js';
import type { AlertDocuments, StoredDocument } from '../document.js';
import { writeShardStatus } from '../evaluation-status.js';
import { LeaseLost, type Lease } from '../leader-election.js';
import type { OutboxPublisher } from '../notification/outbox.js';
import { receiverAlerts } from '../notification/receiver-alerts.js';
import type { AlertTimes } from '../record.js';
import { thresholdsOf } from '../rules/thresholds.js';
import { readAlertFigures, type AlertFigures } from './alert-figures.js';
import { evaluateDocument, inputsByDocument } from './documents.js';
import { readNodeNames, unnamed, type NameOf } from './node-names.js';
import { needsNames, type RuleInput } from './rule-evaluation.js';
import { isIn, keysOf, type Shard } from './shards.js';
import { namesInMaxima, readSuspects } from './suspects.js';

export interface ShardEvaluationOptions {
  source: MetricSource;
  documents: Documents;
  alertDocuments: AlertDocuments;
  /** Who gets all alerts in each evaluation. */
  receiver: AlertReceiver | null;
  /** How the store computes growth. */
  semantics: (signal: AbortSignal) => Promise<GrowthSemantics>;
  settings: ScopeSettings;
  defaults: AlertThresholds;
  times: AlertTimes;
  clock: Clock;
  log: Log;
}

/** What is read once for all shards of a pass. */
export interface FleetInputs {
  /** Labels of all clusters in the store; null where it did not say. */
  readonly labels: readonly string[] | null;
  /** Whether a part of the store did not answer: there may be more. */
  readonly isPartial: boolean;
  /** Thresholds that clusters have of their own. */
  readonly overrides: ReadonlyMap<string, AlertOverrides>;
  /** Clusters that an event deleted. */
  readonly deleted: ReadonlySet<ClusterId>;
}

/** Evaluates the rules of one shard; throws `LeaseLost` where another replica has taken it over. */
export type EvaluateShard = (
  shard: Shard,
  pass: { readonly fleet: FleetInputs; readonly outbox: OutboxPublisher; readonly lease: Lease },
  signal: AbortSignal,
) => Promise<void>;

/** The evaluation of a shard, at a cost that depends on that shard alone. */
export function createShardEvaluation(options: ShardEvaluationOptions): EvaluateShard {
  const { documents, alertDocuments, receiver, settings, defaults, times, log } = options;

  const warn = (group: string, error: unknown) =>
    log.warn('the store could not answer for alerts', { group, error });

  return async (shard, { fleet, outbox, lease }, signal) => {
    const at = Math.floor(options.clock.now() / 1000);
    const { source, notes } = withNotes(options.source);
    const found = await alertDocuments.readMany(keysOf(shard), signal);
    const stored = await outbox.publishPending(found, lease, signal);
    const before = () => lease.renew(signal);
    await before();
    const scopes = await scopesToRead(source, { shard, fleet, stored, at }, signal);
    const failed: string[] = scopes === null ? ['clusters'] : [];
    const figures: AlertFigures =
      scopes === null
        ? new Map()
        : await readAlertFigures(source, {
            scopes,
            semantics: await options.semantics(signal),
            at,
            signal,
            before,
            onFailure: (group, error) => {
              if (!failed.includes(group)) failed.push(group);
              warn(group, error);
            },
          });
    const lacksSome = fleet.isPartial || isPartial(notes);
    if (lacksSome) failed.push('a part of the fleet');
    const inputs = inputsByDocument(stored, figures, (cluster, previous) => ({
      cluster,
      deleted: fleet.deleted.has(cluster),
      previous,
      thresholds: thresholdsOf(defaults, fleet.overrides.get(cluster)),
    }));
    const all: ReceiverAlert[] = [];
    const nameOf = await namesFor(
      source,
      { inputs: [...inputs.values()].flat(), figures, fleet, at },
      signal,
    );
    for (const [key, { document, expected }] of stored) {
      const context = { figures, isPartial: lacksSome, nameOf, at, times };
      const next = evaluateDocument(document, inputs.get(key) ?? [], context);
      if (receiver !== null)
        for (const [cluster, own] of Object.entries(next.clusters))
          all.push(...receiverAlerts(cluster as ClusterId, own, at, times));
      if (isDeepStrictEqual(next, document)) continue;
      await before();
      if (!(await alertDocuments.save(key, next, expected, signal))) throw new LeaseLost();
      if (next.outbox.length > 0) await outbox.publish(key, lease, signal);
    }
    await writeShardStatus(documents, shard, { at, failed, metrics: figures.size }, signal);
    if (receiver === null) return;
    await before();
    await receiver.send(all, signal);
  };

  /** The scopes of the clusters that may have alerts; null where it is not known which clusters there are. */
  async function scopesToRead(
    source: MetricSource,
    request: {
      readonly shard: Shard;
      readonly fleet: FleetInputs;
      readonly stored: ReadonlyMap<string, StoredDocument>;
      readonly at: number;
    },
    signal: AbortSignal,
  ): Promise<readonly Scope[] | null> {
    const { shard, stored, at } = request;
    const { labels, overrides } = request.fleet;
    if (shard.count === 1) return [fleetScope(settings)];
    if (labels === null) return null;
    const own = labels.filter((label) => {
      const cluster = clusterIdOf(label);
      return cluster !== null && isIn(shard, cluster);
    });
    try {
      const isSuspect = await readSuspects(source, {
        scopes: scopesOf(settings, own, labels, namesInMaxima),
        thresholdsOf: (cluster) => thresholdsOf(defaults, overrides.get(cluster)),
        at,
        signal,
      });
      const hasAlerts = withAlerts(stored);
      const wanted = own.filter((label) => {
        const cluster = clusterIdOf(label);
        return cluster !== null && (hasAlerts.has(cluster) || isSuspect(cluster));
      });
      return scopesOf(settings, wanted, labels);
    } catch (error) {
      signal.throwIfAborted();
      warn('recorded maxima', error);
      return scopesOf(settings, own, labels);
    }
  }

  async function namesFor(
    source: MetricSource,
    request: {
      readonly inputs: readonly RuleInput[];
      readonly figures: AlertFigures;
      readonly fleet: FleetInputs;
      readonly at: number;
    },
    signal: AbortSignal,
  ): Promise<NameOf> {
    const { inputs, figures, at } = request;
    const { labels } = request.fleet;
    const clusters = new Set<string | null>(
      inputs.filter((input) => needsNames(input, figures)).map(({ cluster }) => cluster),
    );
    if (clusters.size === 0) return unnamed;
    const scopes =
      labels === null
        ? [fleetScope(settings)]
        : scopesOf(
            settings,
            labels.filter((label) => clusters.has(clusterIdOf(label))),
            labels,
          );
    try {
      return await readNodeNames(source, { scopes, at, signal });
    } catch (error) {
      signal.throwIfAborted();
      warn('names', error);
      return unnamed;
    }
  }
}

/** Clusters with alerts that are not over. */
function withAlerts(stored: ReadonlyMap<string, StoredDocument>): ReadonlySet<string> {
  return new Set(
    [...stored.values()].flatMap(({ document }) =>
      Object.entries(document.clusters).flatMap(([cluster, records]) =>
        records.some(({ state }) => state !== 'resolved') ? [cluster] : [],
      ),
    ),
  );
}
