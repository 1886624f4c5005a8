import type { TemplateSource } from '../builder/dashboard.js';
import type { PanelOptions, Target } from '../builder/options.js';
import { panel, row } from '../builder/panel.js';
import {
  allocatable,
  busyCores,
  c,
  cpuUsage,
  firstOf,
  memoryRss,
  network,
  nodeCores,
  nodeGauge,
  overMachines,
  resources,
  storage,
} from '../builder/queries.js';
import { operations } from '../builder/units.js';
import { overview, workloadPanels } from './overview.js';

const memoryTotal = overMachines(nodeGauge('node_memory_MemTotal_bytes'));

const over = (part: string, whole: string): string => `(${part}) / (${whole})`;

/** Two graphs beside each other. */
const half = { width: 12 };
/** Room for more than a dozen rows. */
const table = { height: 10 };
const quotaTable = { ...table, sortBy: 'Usage' };
/** Three numbers beside each other: their titles fit at 1,200 pixels. */
const third = { width: 8 };

const utilisation = (title: string, expr: string, description: string) =>
  panel(title, expr, 'stat', { ...third, description, unit: 'percentunit' });

/** Requests of more than there is leave pods waiting; limits above it are common. */
const commitments = (title: string, resource: 'cpu' | 'memory') => {
  const commitment = (kind: 'requests' | 'limits') =>
    `sum(${resources(kind, resource)}) / ${allocatable(resource)}`;
  const shared: Omit<PanelOptions, 'description'> = { ...third, unit: 'percentunit' };
  return [
    panel(`${title} Requests Commitment`, commitment('requests'), 'stat', {
      ...shared,
      steps: [
        [0.9, 'yellow'],
        [1, 'red'],
      ],
      description: `${title} that pods asked for, over what the nodes can give: beyond 100 % new pods wait. Needs kube-state-metrics.`,
    }),
    panel(`${title} Limits Commitment`, commitment('limits'), 'stat', {
      ...shared,
      steps: [],
      description: `${title} limits of all pods, over what the nodes can give: above 100 % is common. Needs kube-state-metrics.`,
    }),
  ];
};

const quotaColumns = (usage: string, resource: 'cpu' | 'memory', unit: string): Target[] => {
  const requests = resources('requests', resource);
  const limits = resources('limits', resource);
  return [
    {
      name: 'Pods',
      expr: `count by (namespace) (group by (namespace, pod) (kube_pod_owner{${c}}))`,
      unit: 'short',
    },
    {
      name: 'Workloads',
      expr: firstOf(
        `count by (namespace) (group by (namespace, workload) (namespace_workload_pod:kube_pod_owner:relabel{${c}}))`,
        `count by (namespace) (group by (namespace, owner_kind, owner_name) (kube_pod_owner{${c}}))`,
      ),
      unit: 'short',
    },
    { name: 'Usage', expr: usage, unit, decimals: 2 },
    { name: 'Requests', expr: requests, unit, decimals: 2 },
    {
      name: 'Usage of requests',
      expr: over(usage, requests),
      unit: 'percentunit',
      // Pods may use more than they asked for.
      steps: [],
    },
    { name: 'Limits', expr: limits, unit, decimals: 2 },
    { name: 'Usage of limits', expr: over(usage, limits), unit: 'percentunit' },
  ];
};

const directions = [
  ['Receive', 'receive', 'Received'],
  ['Transmit', 'transmit', 'Transmitted'],
] as const;

const iops = `(${storage('reads')} + ${storage('writes')})`;
const throughput = `(${storage('reads_bytes')} + ${storage('writes_bytes')})`;

/** Compute resources of a cluster: the main template, and the one that is shared. */
export const cluster: TemplateSource = {
  name: 'cluster',
  title: 'Kubernetes / Compute Resources / Cluster',
  uid: 'bud-template-cluster',
  description: 'CPU, memory, network and storage of one Kubernetes cluster by namespace.',
  panels: [
    row('$cluster'),
    ...overview,
    row('CPU'),
    utilisation(
      'CPU Utilisation',
      firstOf(
        `max(cluster:node_cpu:ratio_rate5m{${c}})`,
        // Of the nodes that are sampled often enough to have a rate.
        `${overMachines(busyCores)} / ${overMachines(`${nodeCores} and ${busyCores}`)}`,
      ),
      'Busy cores over all cores of the cluster.',
    ),
    ...commitments('CPU', 'cpu'),
    panel('CPU Usage', cpuUsage, 'timeseries', {
      description: 'Cores in use by namespace.',
      unit: 'short',
      stacked: true,
    }),
    panel('CPU Quota', quotaColumns(cpuUsage, 'cpu', 'short'), 'table', {
      ...quotaTable,
      description: 'Pods, workloads, and CPU used against requested and allowed, by namespace.',
    }),
    row('Memory'),
    utilisation(
      'Memory Utilisation',
      firstOf(
        `1 - max(:node_memory_MemAvailable_bytes:sum{${c}}) / ${memoryTotal}`,
        `1 - ${overMachines(nodeGauge('node_memory_MemAvailable_bytes'))} / ${memoryTotal}`,
      ),
      'Memory in use over all memory of the cluster.',
    ),
    ...commitments('Memory', 'memory'),
    panel('Memory Usage (w/o cache)', memoryRss, 'timeseries', {
      description: 'Resident memory of containers by namespace, page cache left out.',
      unit: 'bytes',
      stacked: true,
    }),
    panel('Memory Requests by Namespace', quotaColumns(memoryRss, 'memory', 'bytes'), 'table', {
      ...quotaTable,
      description: 'Pods, workloads, and memory used against requested and allowed, by namespace.',
    }),
    row('Pods'),
    ...workloadPanels,
    row('Network'),
    panel(
      'Current Network Usage',
      ['bytes', 'packets', 'packets_dropped'].flatMap((what) =>
        directions.map(([title, direction]) => ({
          name:
            { bytes: `${title} bandwidth`, packets: `${title} packets` }[what] ?? `${title} drops`,
          expr: network(`${direction}_${what}`),
          decimals: 1,
        })),
      ),
      'table',
      { ...table, description: 'Bytes, packets and dropped packets per second by namespace.' },
    ),
    ...directions.map(([title, direction]) =>
      panel(`${title} Bandwidth`, network(`${direction}_bytes`), 'timeseries', {
        ...half,
        description: `Bytes per second by namespace, ${direction} side.`,
      }),
    ),
    ...directions.map(([, direction, done]) =>
      panel(
        `Average Container Bandwidth by Namespace: ${done}`,
        network(`${direction}_bytes`, 'avg', 'irate'),
        'timeseries',
        {
          ...half,
          description: `Mean bytes per second of a container's interface, ${direction} side.`,
        },
      ),
    ),
    ...directions.map(([, direction, done]) =>
      panel(`Rate of ${done} Packets`, network(`${direction}_packets`), 'timeseries', {
        ...half,
        description: `Packets per second by namespace, ${direction} side.`,
      }),
    ),
    ...directions.map(([, direction, done]) =>
      panel(
        `Rate of ${done} Packets Dropped`,
        network(`${direction}_packets_dropped`),
        'timeseries',
        { ...half, description: `Dropped packets per second by namespace, ${direction} side.` },
      ),
    ),
    row('Storage'),
    panel('IOPS(Reads+Writes)', iops, 'timeseries', {
      ...half,
      description: 'Disk operations of containers per second by namespace.',
      unit: operations,
    }),
    panel('ThroughPut(Read+Write)', throughput, 'timeseries', {
      ...half,
      description: 'Bytes that containers read and write on disks per second by namespace.',
      unit: 'Bps',
    }),
    panel(
      'Current Storage IO',
      [
        { name: 'IOPS (reads)', expr: storage('reads'), decimals: 1 },
        { name: 'IOPS (writes)', expr: storage('writes'), decimals: 1 },
        { name: 'IOPS (reads + writes)', expr: iops, decimals: 1 },
        { name: 'Throughput (read)', expr: storage('reads_bytes'), decimals: 1 },
        { name: 'Throughput (write)', expr: storage('writes_bytes'), decimals: 1 },
        { name: 'Throughput (read + write)', expr: throughput, decimals: 1 },
      ],
      'table',
      {
        ...table,
        sortBy: 'Throughput (read + write)',
        description: 'Disk operations and bytes of containers per second by namespace.',
      },
    ),
  ],
};
