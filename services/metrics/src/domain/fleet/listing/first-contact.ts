import type { ClusterId, Warning } from '@bud-monitoring/contracts';
import { day } from '../../time/time-range.js';
import { clusterIdOf } from '../../promql/cluster-label.js';
import { warningsOfNotes, type StoreNotes } from '../../promql/store-notes.js';
import type { FleetSource } from '../summary/plan.js';

/** Most labels that a warning names. */
const mostNamed = 5;

/** A month, and the one that it is compared with. */
const wantedRetention = 60 * day;

/** What a store was found to be like. */
export interface StoreFacts {
  /** Values of the label `cluster`. */
  readonly labels: readonly string[];
  /** Whether it has any series at all. */
  readonly hasSeries: boolean;
  /** For how many seconds it keeps samples; `null` where it does not say. */
  readonly retention: number | null;
  /** What it noted in its answers. */
  readonly notes: StoreNotes;
}

/** The clusters that somebody may see. */
export type Reach = 'all' | ReadonlySet<string>;

export const reaches = (reach: Reach, id: ClusterId) => reach === 'all' || reach.has(id);

/**
 * What whoever meets a store first has to know of it, and what to do. Who sees some clusters only is told nothing
 * of labels.
 */
export function warningsOfStore(facts: StoreFacts, reach: Reach = 'all'): Warning[] {
  return [
    ...(reach === 'all' ? warningsOfLabels(facts.labels, facts.hasSeries) : []),
    ...warningsOfRetention(facts.retention),
    ...warningsOfNotes(facts.notes),
  ];
}

/** Whether what is warned of keeps figures away, or only limits them. */
export const isFault = ({ code }: Warning): boolean =>
  !['retention_short', 'cluster_young', 'store_note'].includes(code);

function warningsOfRetention(retention: number | null): Warning[] {
  if (retention === null || retention >= wantedRetention) return [];
  const days = Math.floor(retention / day);
  const message = `The store keeps samples for ${days} days, and longer ranges show what is left: a month compared with the one before takes 60 (storage.tsdb.retention.time)`;
  return [{ code: 'retention_short', message }];
}

/** How many these are, and the first of them. */
export const namedClusters = (ids: readonly ClusterId[]) =>
  `clusters: ${ids.length}: ${[...ids].sort().slice(0, mostNamed).join(', ')}`;

/**
 * What is wrong with the `cluster` labels of a store, and what to do: without them, or with values that are no
 * ids, it has no cluster for us however much is in it. `hasSeries` says whether it has any series at all.
 */
function warningsOfLabels(labels: readonly string[], hasSeries: boolean): Warning[] {
  const own = labels.filter((label) => label !== '');
  if (own.length === 0) {
    const nothing =
      'The store has no series of the last day: check PROMETHEUS_URL, and that agents write to it';
    const unlabelled =
      'No series has a label cluster: give each agent external_labels with cluster set to the id of its cluster, and send by remote_write';
    return [{ code: 'no_cluster_label', message: hasSeries ? unlabelled : nothing }];
  }
  const foreign = own.filter((label) => clusterIdOf(label) === null);
  if (foreign.length === 0) return [];
  const named = foreign.slice(0, mostNamed).join(', ');
  const message = `Values of the label cluster that are no ids are left out (${foreign.length}): ${named}. Set the label of these agents to the UUID of their cluster, or CLUSTER_ID_FORMAT=label in both services to take names`;
  return [{ code: 'cluster_label_format', message }];
}

/** What no cluster of the fleet has, of what figures come from; `has` says whether any cluster has it. */
export function warningsOfSources(has: (source: FleetSource) => boolean): Warning[] {
  const missing = (code: string, message: string, source: FleetSource): Warning[] =>
    has(source) ? [] : [{ code, message }];
  return [
    ...missing(
      'node_exporter_missing',
      'No cluster has node-exporter: CPU, memory, storage and network of nodes come from it',
      'nodeExporter',
    ),
    ...missing(
      'kubernetes_missing',
      'No cluster has kube-state-metrics: names, states and pods of nodes come from it',
      'kubeStateMetrics',
    ),
    ...missing(
      'power_missing',
      "No cluster has Kepler or node-exporter's RAPL collector: power comes from them",
      'power',
    ),
  ];
}
