import { isDeepStrictEqual } from 'node:util';
import { alertMetrics, type AlertThresholds, type ClusterId } from '@bud-monitoring/contracts';
import type {
  AlertPublisher,
  Clock,
  ClusterRegistry,
  Documents,
  Log,
  MetricSource,
} from '../../../ports.js';
import type { Rhythm } from '../../targets/fleet-intervals.js';
import type { StoreSettings } from '../../promql/scope.js';
import {
  documentKey,
  readDocument,
  readDocuments,
  type AlertDocument,
  type StoredDocument,
} from '../document.js';
import { readAlertFigures, type AlertFigures } from './alert-figures.js';
import { judge, needsNames, type Case } from './rule-evaluation.js';
import { readNames, unnamed, type NameOf } from './node-names.js';
import type { AlertTimes } from '../record.js';
import { writeReport } from '../alert-list.js';
import { thresholdsOf, type Overrides } from '../rules/thresholds.js';
import { TurnLost, type Lease, type Turns } from './leader-lease.js';

export interface AlertEvaluationOptions {
  source: MetricSource;
  documents: Documents;
  registry: ClusterRegistry;
  publisher: AlertPublisher;
  overrides: Overrides;
  turns: Turns;
  /** How often clusters are scraped; remembered for a while. */
  rhythm: (signal: AbortSignal) => Promise<Rhythm>;
  settings: StoreSettings;
  defaults: AlertThresholds;
  times: AlertTimes;
  clock: Clock;
  log: Log;
  /** Told of each round, and of each event that the broker has taken. */
  onRound: (outcome: 'done' | 'not_our_turn' | 'turn_lost') => void;
  onPublished: () => void;
}

/** Judges the whole fleet, in a fixed number of requests to the store. */
export interface AlertEvaluation {
  /** One round, unless another replica has the turn. Throws what the next round may mend. */
  run(signal: AbortSignal): Promise<void>;
}

export function createAlertEvaluation(options: AlertEvaluationOptions): AlertEvaluation {
  const { source, documents, registry, publisher, overrides, turns } = options;
  const { settings, defaults, times, clock, log, onRound, onPublished } = options;

  async function round(lease: Lease, signal: AbortSignal): Promise<void> {
    const at = Math.floor(clock.now() / 1000);
    const broker = { down: false };
    const left = await tellOpen(await readDocuments(documents, signal), broker, lease, signal);
    const rhythm = await options.rhythm(signal);
    const failed: string[] = [];
    const figures = await readAlertFigures(source, {
      ...{ settings, rhythm, at, signal },
      before: () => lease.hold(signal),
      onFailure: (group, error) => {
        failed.push(group);
        log.warn('the store could not answer for alerts', { group, error });
      },
    });
    const [own, records] = await Promise.all([overrides.all(signal), registry.list(signal)]);
    const deleted = new Set(
      records.flatMap(({ clusterId, state }) => (state === 'deleted' ? [clusterId] : [])),
    );
    const cases = casesOf(left, figures, (cluster, previous) => ({
      ...{ cluster, previous },
      deleted: deleted.has(cluster),
      thresholds: thresholdsOf(defaults, own.get(cluster)),
    }));
    const nameOf = await namesFor([...cases.values()].flat(), figures, at, signal);
    for (const [key, stored] of left) {
      const judged = { figures, nameOf, at, times };
      const next = documentOf(stored.document, cases.get(key) ?? [], judged);
      if (isDeepStrictEqual(next, stored.document)) continue;
      await lease.hold(signal);
      if (!(await documents.save(key, next, stored.expected, signal))) throw new TurnLost();
      if (next.outbox.length > 0) await tell(key, broker, lease, signal);
    }
    await writeReport(documents, { at, failed, metrics: figures.size }, signal);
  }

  /** Tells what an earlier round, perhaps of a replica that died, left untold; reads what is then there. */
  async function tellOpen(
    stored: ReadonlyMap<string, StoredDocument>,
    broker: { down: boolean },
    lease: Lease,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, StoredDocument>> {
    const open = [...stored].filter(([, { document }]) => document.outbox.length > 0);
    if (open.length === 0) return stored;
    for (const [key] of open) await tell(key, broker, lease, signal);
    return readDocuments(documents, signal);
  }

  /**
   * Publishes what is in the outbox, in its order, then empties it. Killed in between, the next
   * round publishes it again under the same ids.
   */
  async function tell(
    key: string,
    broker: { down: boolean },
    lease: Lease,
    signal: AbortSignal,
  ): Promise<void> {
    if (broker.down) return;
    const { document, expected } = await readDocument(documents, key, signal);
    let told = 0;
    for (const announcement of document.outbox) {
      await lease.hold(signal);
      try {
        await publisher.publish(announcement, signal);
      } catch (error) {
        signal.throwIfAborted();
        log.warn('alerts could not be published and are kept for later', { error });
        broker.down = true;
        break;
      }
      onPublished();
      told += 1;
    }
    if (told === 0) return;
    const rest = { ...document, outbox: document.outbox.slice(told) };
    if (!(await documents.save(key, rest, expected, signal))) throw new TurnLost();
  }

  async function namesFor(
    cases: readonly Case[],
    figures: AlertFigures,
    at: number,
    signal: AbortSignal,
  ): Promise<NameOf> {
    const clusters = cases.filter((one) => needsNames(one, figures)).map(({ cluster }) => cluster);
    if (clusters.length === 0) return unnamed;
    try {
      return await readNames(source, { settings, clusters, at, signal });
    } catch (error) {
      signal.throwIfAborted();
      log.warn('the store could not answer for alerts', { group: 'names', error });
      return unnamed;
    }
  }

  return {
    async run(signal) {
      const lease = await turns.take(signal);
      if (lease === null) {
        onRound('not_our_turn');
        return;
      }
      try {
        await round(lease, signal);
        await lease.end(signal);
        onRound('done');
      } catch (error) {
        if (!(error instanceof TurnLost)) throw error;
        log.warn('another replica took over the evaluation of alerts');
        onRound('turn_lost');
      }
    },
  };
}

/** What is to be judged, by the document it is kept in: clusters with alerts, and those measured. */
function casesOf(
  stored: ReadonlyMap<string, StoredDocument>,
  figures: AlertFigures,
  caseOf: (cluster: ClusterId, previous: AlertDocument['clusters'][string]) => Case,
): ReadonlyMap<string, readonly Case[]> {
  const clusters = new Set<ClusterId>();
  for (const { document } of stored.values())
    for (const cluster of Object.keys(document.clusters)) clusters.add(cluster as ClusterId);
  for (const metric of alertMetrics)
    for (const cluster of figures.get(metric)?.keys() ?? []) clusters.add(cluster);
  const cases = new Map<string, Case[]>();
  for (const cluster of clusters) {
    const key = documentKey(cluster);
    const one = caseOf(cluster, stored.get(key)?.document.clusters[cluster] ?? []);
    cases.set(key, [...(cases.get(key) ?? []), one]);
  }
  return cases;
}

function documentOf(
  before: AlertDocument,
  cases: readonly Case[],
  judged: Parameters<typeof judge>[1],
): AlertDocument {
  const judgements = cases.map((one) => [one.cluster, judge(one, judged)] as const);
  return {
    v: 1,
    clusters: Object.fromEntries(
      judgements.flatMap(([cluster, { records }]) =>
        records.length > 0 ? [[cluster, records] as const] : [],
      ),
    ),
    outbox: [...before.outbox, ...judgements.flatMap(([, { announcements }]) => announcements)],
  };
}
