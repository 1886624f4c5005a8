import { clusterVariable, type TemplateSource } from '../builder/dashboard.js';
import type { PanelOptions, Target } from '../builder/options.js';
import { panel, row } from '../builder/panel.js';
import { c, oncePer } from '../builder/queries.js';

/** What follows the workload in a pod's name: of a Deployment or CronJob, a StatefulSet, a DaemonSet or Job. */
const podSuffix = '(-[a-z0-9]{1,10}-[a-z0-9]{5}|-[0-9]+|-[a-z0-9]{5})?';
const ofWorkload = `pod=~"$workload${podSuffix}"`;
const inPods = `namespace=~"$namespace", ${ofWorkload}, pod=~"$pod"`;
const ofContainers = `${c}, ${inPods}, container!=""`;

const rate = (metric: string, labels: string, matchers = ofContainers): string =>
  oncePer(labels, `rate(${metric}{${matchers}}[$__rate_interval])`);

const containers = 'namespace, pod, container';
const cpu = rate('container_cpu_usage_seconds_total', containers);
const memory = oncePer(containers, `container_memory_working_set_bytes{${ofContainers}}`);
const network = (direction: 'receive' | 'transmit') =>
  `sum by (pod) (${rate(`container_network_${direction}_bytes_total`, 'namespace, pod, interface', `${c}, ${inPods}`)})`;
const resource = (kind: 'requests' | 'limits', name: 'cpu' | 'memory') =>
  `sum by (pod) (${oncePer(containers, `kube_pod_container_resource_${kind}{${c}, ${inPods}, resource="${name}"}`)})`;

const byPod = (expr: string): string => `sum by (pod) (${expr})`;

const graph = (title: string, expr: string, options: PanelOptions) =>
  panel(title, expr, 'timeseries', { by: 'pod', width: 12, ...options });

/** Replicas that are wanted and that are there, of one kind of workload. */
const replicas = (kind: string, wanted: string, ready: string): [string, string] => {
  const of = (metric: string) =>
    `sum by (workload) (label_replace(${oncePer(`namespace, ${kind}`, `${metric}{${c}, namespace=~"$namespace"}`)}, "workload", "${kind}/$1", "${kind}", "(.+)"))`;
  return [of(wanted), of(ready)];
};
const kinds = [
  replicas(
    'deployment',
    'kube_deployment_spec_replicas',
    'kube_deployment_status_replicas_available',
  ),
  replicas('statefulset', 'kube_statefulset_replicas', 'kube_statefulset_status_replicas_ready'),
  replicas(
    'daemonset',
    'kube_daemonset_status_desired_number_scheduled',
    'kube_daemonset_status_number_ready',
  ),
];

const podColumns: Target[] = [
  { name: 'CPU', expr: byPod(cpu), unit: 'short', decimals: 3 },
  { name: 'CPU requests', expr: resource('requests', 'cpu'), unit: 'short', decimals: 3 },
  { name: 'CPU limits', expr: resource('limits', 'cpu'), unit: 'short', decimals: 3 },
  { name: 'Memory', expr: byPod(memory), unit: 'bytes' },
  { name: 'Memory requests', expr: resource('requests', 'memory'), unit: 'bytes' },
  { name: 'Memory limits', expr: resource('limits', 'memory'), unit: 'bytes' },
  {
    name: 'Restarts',
    expr: byPod(oncePer(containers, `kube_pod_container_status_restarts_total{${c}, ${inPods}}`)),
    unit: 'short',
    decimals: 0,
  },
];

/** From a namespace to its workloads, their pods and their containers. */
export const workloads: TemplateSource = {
  name: 'workloads',
  title: 'Kubernetes / Workloads',
  uid: 'bud-template-workloads',
  description: 'Workloads, pods and containers of the namespaces and workloads that are chosen.',
  variables: [
    clusterVariable,
    {
      name: 'namespace',
      label: 'Namespace',
      query: `label_values(kube_pod_info{${c}}, namespace)`,
      multi: true,
      allValue: '.+',
    },
    {
      name: 'workload',
      label: 'Workload',
      query: `label_values(kube_pod_info{${c}, namespace=~"$namespace"}, created_by_name)`,
      // A replica set has the name of its Deployment and a hash of letters and digits that make no words.
      regex: '/^(.+?)(?:-[bcdf0-9ghjklmnpqrstvwxz]{8,10})?$/',
      multi: true,
      allValue: '.+',
    },
    {
      name: 'pod',
      label: 'Pod',
      query: `label_values(kube_pod_info{${c}, namespace=~"$namespace", ${ofWorkload}}, pod)`,
      multi: true,
      allValue: '.+',
    },
  ],
  panels: [
    row('$cluster'),
    panel(
      'Workloads',
      [
        { name: 'Wanted', expr: kinds.map(([wanted]) => wanted).join(' or '), unit: 'short' },
        { name: 'Ready', expr: kinds.map(([, ready]) => ready).join(' or '), unit: 'short' },
      ],
      'table',
      {
        by: 'workload',
        width: 8,
        height: 12,
        sortBy: 'Workload',
        description: 'Replicas that are wanted and that are ready. Needs kube-state-metrics.',
      },
    ),
    panel('Pods', podColumns, 'table', {
      by: 'pod',
      width: 16,
      height: 12,
      sortBy: 'CPU',
      description: 'What each pod uses of CPU and memory, asked for, and may have.',
    }),
    row('Pods'),
    graph('CPU', byPod(cpu), { unit: 'short', stacked: true, description: 'Cores by pod.' }),
    graph('Memory', byPod(memory), {
      unit: 'bytes',
      stacked: true,
      description: 'Memory that cannot be taken back, by pod.',
    }),
    graph('Received', network('receive'), {
      unit: 'Bps',
      description: 'Bytes per second in, by pod.',
    }),
    graph('Transmitted', network('transmit'), {
      unit: 'Bps',
      description: 'Bytes per second out, by pod.',
    }),
    row('Containers'),
    graph('CPU of containers', `sum by (pod, container) (${cpu})`, {
      by: 'pod, container',
      unit: 'short',
      description: 'Cores by container.',
    }),
    graph('Memory of containers', `sum by (pod, container) (${memory})`, {
      by: 'pod, container',
      unit: 'bytes',
      description: 'Memory that cannot be taken back, by container.',
    }),
  ],
};
