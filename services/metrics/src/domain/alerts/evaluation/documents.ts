import { alertMetrics, type ClusterId } from '@bud-monitoring/contracts';
import { documentKey, type AlertDocument, type StoredDocument } from '../document.js';
import type { AlertRecord } from '../record.js';
import type { AlertFigures } from './alert-figures.js';
import { evaluateRules, type EvaluationContext, type RuleInput } from './rule-evaluation.js';

/** What is to be evaluated, by the key of its document: clusters with alerts, and those with figures. */
export function inputsByDocument(
  stored: ReadonlyMap<string, StoredDocument>,
  figures: AlertFigures,
  inputOf: (cluster: ClusterId, previous: readonly AlertRecord[]) => RuleInput,
): ReadonlyMap<string, readonly RuleInput[]> {
  const clusters = new Set<ClusterId>();
  for (const { document } of stored.values())
    for (const cluster of Object.keys(document.clusters)) clusters.add(cluster as ClusterId);
  for (const metric of alertMetrics)
    for (const cluster of figures.get(metric)?.keys() ?? []) clusters.add(cluster);
  const inputs = new Map<string, RuleInput[]>();
  for (const cluster of clusters) {
    const key = documentKey(cluster);
    const input = inputOf(cluster, stored.get(key)?.document.clusters[cluster] ?? []);
    inputs.set(key, [...(inputs.get(key) ?? []), input]);
  }
  return inputs;
}

/** A document after the evaluation of its clusters, with the new events in its outbox. */
export function evaluateDocument(
  before: AlertDocument,
  inputs: readonly RuleInput[],
  context: EvaluationContext,
): AlertDocument {
  const evaluations = inputs.flatMap((input) =>
    // What cannot be read is left to the version that wrote it.
    input.cluster in before.unread.clusters
      ? []
      : [{ cluster: input.cluster, ...evaluateRules(input, context) }],
  );
  return {
    ...before,
    clusters: Object.fromEntries(
      evaluations.flatMap(({ cluster, records }) =>
        records.length > 0 ? [[cluster, records] as const] : [],
      ),
    ),
    outbox: [...before.outbox, ...evaluations.flatMap(({ events }) => events)],
  };
}
