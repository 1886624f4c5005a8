import type { Warning } from '@bud-monitoring/contracts';
import { clusterIdOf } from '../promql/cluster-label.js';
import type { FleetSource } from './plan.js';

/** Most labels that a warning names. */
const mostNamed = 5;

/**
 * What is wrong with the `cluster` labels of a store, and what to do: without them, or with values that are no
 * ids, it has no cluster for us however much is in it. `hasSeries` says whether it has any series at all.
 */
export function warningsOfLabels(labels: readonly string[], hasSeries: boolean): Warning[] {
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
