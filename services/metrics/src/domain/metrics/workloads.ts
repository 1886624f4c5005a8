import type { LabelMatcher } from '@bud-monitoring/promql';
import type { Workloads } from '@bud-monitoring/contracts';
import type { Figure } from '../promql/figure.js';
import type { Scope } from '../promql/scope.js';
import { eachObject } from '../targets/kubernetes-objects.js';

interface Count {
  readonly field: keyof Workloads;
  /** Metrics that have one series an object, the first that exists. */
  readonly metrics: readonly string[];
  readonly by: readonly string[];
  /** Only series at 1 count. */
  readonly set?: boolean;
  readonly phase?: string;
}

/** Objects of a cluster, as kube-state-metrics names them in its versions. */
export const workloadCounts: readonly Count[] = [
  { field: 'pods', metrics: ['kube_pod_info'], by: ['namespace', 'pod'] },
  {
    field: 'pods_running',
    metrics: ['kube_pod_status_phase'],
    by: ['namespace', 'pod'],
    set: true,
    phase: 'Running',
  },
  {
    field: 'namespaces',
    metrics: ['kube_namespace_created', 'kube_namespace_labels', 'kube_namespace_status_phase'],
    by: ['namespace'],
  },
  {
    field: 'deployments',
    metrics: ['kube_deployment_created', 'kube_deployment_spec_replicas', 'kube_deployment_labels'],
    by: ['namespace', 'deployment'],
  },
  {
    field: 'statefulsets',
    metrics: ['kube_statefulset_created', 'kube_statefulset_replicas', 'kube_statefulset_labels'],
    by: ['namespace', 'statefulset'],
  },
  {
    field: 'daemonsets',
    metrics: [
      'kube_daemonset_created',
      'kube_daemonset_status_desired_number_scheduled',
      'kube_daemonset_labels',
    ],
    by: ['namespace', 'daemonset'],
  },
  { field: 'jobs', metrics: ['kube_job_info', 'kube_job_created'], by: ['namespace', 'job_name'] },
];

export const workloadMetricNames: readonly string[] = workloadCounts.flatMap(
  ({ metrics }) => metrics,
);

export const workloadFields = workloadCounts.map(({ field }) => field);

/**
 * How many there are of each kind; a kind without series is not counted as zero. By plain look-up,
 * which knows when an object went: a range would count it for 5 minutes more.
 */
export function workloadFigures(scope: Scope): Figure[] {
  return workloadCounts.flatMap(({ field, metrics, by, set, phase }) => {
    const metric = metrics.find((name) => scope.has(name));
    if (metric === undefined) return [];
    const all: LabelMatcher[] = phase ? [{ label: 'phase', op: '=', value: phase }] : [];
    const objects = eachObject((...matchers) => scope.select(metric, ...all, ...matchers), by);
    // None of them at 1 is zero.
    const expr = set ? `sum(${objects} == bool 1)` : `count(${objects})`;
    return [{ figure: `workloads:${field}`, expr }];
  });
}
