import { isDeepStrictEqual } from 'node:util';
import type { AlertThresholds, ClusterId } from '@bud-monitoring/contracts';
import type {
  AlertPublisher,
  AlertReceiver,
  Clock,
  ClusterRegistry,
  Documents,
  Log,
  MetricSource,
  ReceiverAlert,
} from '../../../ports.js';
import type { ScopeSettings } from '../../promql/scope.js';
import { isPartial, withNotes } from '../../promql/store-notes.js';
import type { GrowthSemantics } from '../../time-base/growth.js';
import type { AlertDocuments } from '../document.js';
import { writeEvaluationStatus } from '../evaluation-status.js';
import { LeaseLost, type LeaderElection, type Lease } from '../leader-election.js';
import { createOutboxPublisher } from '../notification/outbox.js';
import { receiverAlerts } from '../notification/receiver-alerts.js';
import type { AlertTimes } from '../record.js';
import type { ThresholdOverrides } from '../rules/threshold-overrides.js';
import { thresholdsOf } from '../rules/thresholds.js';
import { readAlertFigures, type AlertFigures } from './alert-figures.js';
import { evaluateDocument, inputsByDocument } from './documents.js';
import { readNodeNames, unnamed, type NameOf } from './node-names.js';
import { needsNames, type RuleInput } from './rule-evaluation.js';

export interface AlertEvaluationOptions {
  source: MetricSource;
  documents: Documents;
  alertDocuments: AlertDocuments;
  registry: ClusterRegistry;
  publisher: AlertPublisher;
  /** Who gets all alerts in each evaluation. */
  receiver: AlertReceiver | null;
  overrides: ThresholdOverrides;
  election: LeaderElection;
  /** How the store computes growth. */
  semantics: (signal: AbortSignal) => Promise<GrowthSemantics>;
  settings: ScopeSettings;
  defaults: AlertThresholds;
  times: AlertTimes;
  clock: Clock;
  log: Log;
  /** Called for each evaluation, and for each event that the broker has taken. */
  onRound: (outcome: 'done' | 'not_our_turn' | 'turn_lost') => void;
  onPublished: () => void;
}

/** Evaluates the rules of the whole fleet, in a fixed number of requests to the store. */
export interface AlertEvaluation {
  /** One evaluation, unless another replica holds the lease. Throws what the next one may recover from. */
  run(signal: AbortSignal): Promise<void>;
}

/** The evaluation of alerts; `run` is called on every tick of every replica. */
export function createAlertEvaluation(options: AlertEvaluationOptions): AlertEvaluation {
  const { source, documents, alertDocuments, registry, publisher, receiver, overrides, election } =
    options;
  const { settings, defaults, times, clock, log, onRound, onPublished } = options;

  async function evaluate(lease: Lease, signal: AbortSignal): Promise<void> {
    const at = Math.floor(clock.now() / 1000);
    const outbox = createOutboxPublisher({ alertDocuments, publisher, lease, log, onPublished });
    const stored = await outbox.publishPending(await alertDocuments.readAll(signal), signal);
    const failed: string[] = [];
    const asked = withNotes(source);
    const figures = await readAlertFigures(asked.source, {
      settings,
      semantics: await options.semantics(signal),
      at,
      signal,
      before: () => lease.renew(signal),
      onFailure: (group, error) => {
        failed.push(group);
        log.warn('the store could not answer for alerts', { group, error });
      },
    });
    const lacksSome = isPartial(asked.notes);
    if (lacksSome) failed.push('a part of the fleet');
    const [own, records] = await Promise.all([overrides.all(signal), registry.list(signal)]);
    const deleted = new Set(
      records.flatMap(({ clusterId, state }) => (state === 'deleted' ? [clusterId] : [])),
    );
    const inputs = inputsByDocument(stored, figures, (cluster, previous) => ({
      cluster,
      deleted: deleted.has(cluster),
      previous,
      thresholds: thresholdsOf(defaults, own.get(cluster)),
    }));
    const all: ReceiverAlert[] = [];
    const nameOf = await namesFor([...inputs.values()].flat(), figures, at, signal);
    for (const [key, { document, expected }] of stored) {
      const context = { figures, isPartial: lacksSome, nameOf, at, times };
      const next = evaluateDocument(document, inputs.get(key) ?? [], context);
      if (receiver !== null)
        for (const [cluster, own] of Object.entries(next.clusters))
          all.push(...receiverAlerts(cluster as ClusterId, own, at, times));
      if (isDeepStrictEqual(next, document)) continue;
      await lease.renew(signal);
      if (!(await alertDocuments.save(key, next, expected, signal))) throw new LeaseLost();
      if (next.outbox.length > 0) await outbox.publish(key, signal);
    }
    await writeEvaluationStatus(documents, { at, failed, metrics: figures.size }, signal);
    if (receiver === null) return;
    await lease.renew(signal);
    await receiver.send(all, signal);
  }

  async function namesFor(
    inputs: readonly RuleInput[],
    figures: AlertFigures,
    at: number,
    signal: AbortSignal,
  ): Promise<NameOf> {
    const clusters = inputs
      .filter((input) => needsNames(input, figures))
      .map(({ cluster }) => cluster);
    if (clusters.length === 0) return unnamed;
    try {
      return await readNodeNames(source, { settings, clusters, at, signal });
    } catch (error) {
      signal.throwIfAborted();
      log.warn('the store could not answer for alerts', { group: 'names', error });
      return unnamed;
    }
  }

  return {
    async run(signal) {
      const lease = await election.acquire(signal);
      if (lease === null) {
        onRound('not_our_turn');
        return;
      }
      try {
        await evaluate(lease, signal);
        await lease.release(signal);
        onRound('done');
      } catch (error) {
        if (!(error instanceof LeaseLost)) throw error;
        log.warn('another replica took over the evaluation of alerts');
        onRound('turn_lost');
      }
    },
  };
}
