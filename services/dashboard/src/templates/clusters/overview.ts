import type { PanelOptions } from '../builder/options.js';
import { panel, type Panel } from '../builder/panel.js';
import { c, cpuPeriods, inAnHour, oncePer } from '../builder/queries.js';
import type { Step } from '../builder/style.js';

const needsStateMetrics = 'Needs kube-state-metrics.';

/** Any at all calls for a look. */
const anyIsBad: readonly Step[] = [[1, 'red']];

const number = (
  title: string,
  expr: string,
  options: Pick<PanelOptions, 'description' | 'steps'>,
): Panel =>
  panel(title, expr, 'stat', {
    unit: 'short',
    decimals: 0,
    ...options,
    description: `${options.description} ${needsStateMetrics}`,
  });

const nodesIn = (matchers: string) =>
  oncePer('node', `kube_node_status_condition{${c}, condition="Ready"${matchers}}`);

const podsIn = (phase: string, by: string) =>
  `sum by (${by}) (${oncePer(`namespace, pod, ${by}`, `kube_pod_status_phase{${c}, phase=~"${phase}"}`)})`;

const pods = (phase: string) =>
  `sum(${oncePer('namespace, pod', `kube_pod_status_phase{${c}, phase=~"${phase}"}`)})`;

/** Zero where what is counted never happened, as long as there is kube-state-metrics. */
const orZero = (expr: string) => `${expr} or sum(0 * ${oncePer('node', `kube_node_info{${c}}`)})`;

/** What somebody wants to know first: is all there, and does all run. */
export const overview: readonly Panel[] = [
  number('Nodes ready', `sum(${nodesIn(', status="true"')})`, {
    description: 'Nodes that take pods.',
  }),
  number(
    'Nodes not ready',
    `count(${nodesIn(', status="true"')}) - sum(${nodesIn(', status="true"')})`,
    { description: 'Nodes that do not report, or say that they are not ready.', steps: anyIsBad },
  ),
  number('Namespaces', `count(group by (namespace) (kube_pod_info{${c}}))`, {
    description: 'Namespaces with pods.',
  }),
  number('Pods running', pods('Running'), { description: 'Pods in the phase Running.' }),
  number('Pods waiting', pods('Pending|Unknown'), {
    description: 'Pods that no node has taken, or whose node is silent.',
    steps: [[1, 'yellow']],
  }),
  number('Pods failed', pods('Failed'), {
    description: 'Pods in the phase Failed.',
    steps: anyIsBad,
  }),
];

const half = { width: 12 };

/** What happens to pods, by namespace. */
export const workloadPanels: readonly Panel[] = [
  panel('Pods by phase', podsIn('.+', 'phase'), 'timeseries', {
    ...half,
    by: 'phase',
    unit: 'short',
    decimals: 0,
    stacked: true,
    colors: { Running: 'green', Pending: 'yellow', Succeeded: 'blue', Failed: 'red' },
    description: `Pods of the cluster by phase. ${needsStateMetrics}`,
  }),
  panel(
    'Pods by quality of service',
    `sum by (qos_class) (${oncePer('namespace, pod, qos_class', `kube_pod_status_qos_class{${c}}`)})`,
    'timeseries',
    {
      ...half,
      by: 'qos_class',
      unit: 'short',
      decimals: 0,
      stacked: true,
      description: `Pods by class: BestEffort ones are the first to be evicted. ${needsStateMetrics}`,
    },
  ),
  panel(
    'Restarts in an hour',
    inAnHour('kube_pod_container_status_restarts_total', ''),
    'timeseries',
    {
      ...half,
      unit: 'short',
      description: `Restarts of containers within the hour before, by namespace. ${needsStateMetrics}`,
    },
  ),
  panel(
    'Killed for lack of memory',
    orZero(
      `sum by (namespace) (${oncePer('namespace, pod, container', `kube_pod_container_status_last_terminated_reason{${c}, reason="OOMKilled"}`)})`,
    ),
    'timeseries',
    {
      ...half,
      unit: 'short',
      decimals: 0,
      description: `Containers whose last end was by the kernel, for lack of memory, by namespace. ${needsStateMetrics}`,
    },
  ),
  panel(
    'CPU throttled',
    `${cpuPeriods('throttled_periods')} / ${cpuPeriods('periods')}`,
    'timeseries',
    {
      ...half,
      unit: 'percentunit',
      description:
        'Share of the periods in which containers with a CPU limit had to wait, by namespace.',
    },
  ),
  panel(
    'Volumes in use',
    `max by (namespace, persistentvolumeclaim) (1 - kubelet_volume_stats_available_bytes{${c}} / kubelet_volume_stats_capacity_bytes{${c}})`,
    'timeseries',
    {
      ...half,
      by: 'namespace, persistentvolumeclaim',
      unit: 'percentunit',
      description: 'Space in use of each persistent volume, as the kubelet tells it.',
    },
  ),
];
