import type { TemplateSource } from './dashboard.js';
import { panel, type Target } from './panel.js';
import {
  allocatable,
  c,
  cpuUsage,
  firstOf,
  idleModes,
  memoryRss,
  network,
  nodeCpu,
  nodeGauge,
  resources,
  storage,
} from './queries.js';

const memoryTotal = `sum(${nodeGauge('node_memory_MemTotal_bytes')})`;

const over = (part: string, whole: string): string => `(${part}) / (${whole})`;

const commitment = (kind: 'requests' | 'limits', resource: 'cpu' | 'memory'): string =>
  `sum(${resources(kind, resource)}) / ${allocatable(resource)}`;

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
    { name: 'Usage', expr: usage, unit },
    { name: 'Requests', expr: requests, unit },
    { name: 'Usage of requests', expr: over(usage, requests), unit: 'percentunit' },
    { name: 'Limits', expr: limits, unit },
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
    panel(
      'CPU Utilisation',
      firstOf(
        `max(cluster:node_cpu:ratio_rate5m{${c}})`,
        `1 - ${nodeCpu('', idleModes)} / ${nodeCpu('')}`,
      ),
      'stat',
      { description: 'Busy cores over all cores of the cluster.', unit: 'percentunit' },
    ),
    panel('CPU Requests Commitment', commitment('requests', 'cpu'), 'stat', {
      description: 'CPU that pods asked for, over what the nodes can give.',
      unit: 'percentunit',
    }),
    panel('CPU Limits Commitment', commitment('limits', 'cpu'), 'stat', {
      description: 'CPU limits of all pods, over what the nodes can give; above 100 % is common.',
      unit: 'percentunit',
    }),
    panel(
      'Memory Utilisation',
      firstOf(
        `1 - max(:node_memory_MemAvailable_bytes:sum{${c}}) / ${memoryTotal}`,
        `1 - sum(${nodeGauge('node_memory_MemAvailable_bytes')}) / ${memoryTotal}`,
      ),
      'stat',
      { description: 'Memory in use over all memory of the cluster.', unit: 'percentunit' },
    ),
    panel('Memory Requests Commitment', commitment('requests', 'memory'), 'stat', {
      description: 'Memory that pods asked for, over what the nodes can give.',
      unit: 'percentunit',
    }),
    panel('Memory Limits Commitment', commitment('limits', 'memory'), 'stat', {
      description: 'Memory limits of all pods, over what the nodes can give.',
      unit: 'percentunit',
    }),
    panel('CPU Usage', cpuUsage, 'timeseries', {
      description: 'Cores in use by namespace.',
      unit: 'short',
    }),
    panel('CPU Quota', quotaColumns(cpuUsage, 'cpu', 'short'), 'table', {
      description: 'Pods, workloads, and CPU used against requested and allowed, by namespace.',
    }),
    panel('Memory Usage (w/o cache)', memoryRss, 'timeseries', {
      description: 'Resident memory of containers by namespace, page cache left out.',
      unit: 'bytes',
    }),
    panel('Memory Requests by Namespace', quotaColumns(memoryRss, 'memory', 'bytes'), 'table', {
      description: 'Pods, workloads, and memory used against requested and allowed, by namespace.',
    }),
    panel(
      'Current Network Usage',
      ['bytes', 'packets', 'packets_dropped'].flatMap((what) =>
        directions.map(([title, direction]) => ({
          name:
            { bytes: `${title} bandwidth`, packets: `${title} packets` }[what] ?? `${title} drops`,
          expr: network(`${direction}_${what}`),
        })),
      ),
      'table',
      { description: 'Bytes, packets and dropped packets per second by namespace.' },
    ),
    ...directions.map(([title, direction]) =>
      panel(`${title} Bandwidth`, network(`${direction}_bytes`), 'timeseries', {
        description: `Bytes per second by namespace, ${direction} side.`,
      }),
    ),
    ...directions.map(([, direction, done]) =>
      panel(
        `Average Container Bandwidth by Namespace: ${done}`,
        network(`${direction}_bytes`, 'avg', 'irate'),
        'timeseries',
        { description: `Mean bytes per second of a container's interface, ${direction} side.` },
      ),
    ),
    ...directions.map(([, direction, done]) =>
      panel(`Rate of ${done} Packets`, network(`${direction}_packets`), 'timeseries', {
        description: `Packets per second by namespace, ${direction} side.`,
      }),
    ),
    ...directions.map(([, direction, done]) =>
      panel(
        `Rate of ${done} Packets Dropped`,
        network(`${direction}_packets_dropped`),
        'timeseries',
        { description: `Dropped packets per second by namespace, ${direction} side.` },
      ),
    ),
    panel('IOPS(Reads+Writes)', iops, 'timeseries', {
      description: 'Disk operations of containers per second by namespace.',
      unit: 'iops',
    }),
    panel('ThroughPut(Read+Write)', throughput, 'timeseries', {
      description: 'Bytes that containers read and write on disks per second by namespace.',
      unit: 'Bps',
    }),
    panel(
      'Current Storage IO',
      [
        { name: 'IOPS (reads)', expr: storage('reads') },
        { name: 'IOPS (writes)', expr: storage('writes') },
        { name: 'IOPS (reads + writes)', expr: iops },
        { name: 'Throughput (read)', expr: storage('reads_bytes') },
        { name: 'Throughput (write)', expr: storage('writes_bytes') },
        { name: 'Throughput (read + write)', expr: throughput },
      ],
      'table',
      { description: 'Disk operations and bytes of containers per second by namespace.' },
    ),
  ],
};
