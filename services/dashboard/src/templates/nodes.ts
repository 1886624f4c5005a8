import type { TemplateSource } from './dashboard.js';
import { panel } from './panel.js';
import { c, firstOf, idleModes, nodeCpu, nodeGauge, nodeNetwork } from './queries.js';

const byNode = { by: 'instance', width: 12, height: 7 };

/** Used over total of two gauges of node-exporter, by instance. */
const used = (available: string, total: string, matchers = ''): string =>
  `1 - ${nodeGauge(available, matchers)} / ${nodeGauge(total, matchers)}`;

const conditions = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** What each node of a cluster is doing. */
export const nodes: TemplateSource = {
  name: 'nodes',
  title: 'Kubernetes / Nodes',
  uid: 'bud-template-nodes',
  description: 'CPU, memory, disk, network, pods and conditions of each node of one cluster.',
  panels: [
    panel(
      'CPU',
      `1 - ${nodeCpu('by (instance) ', idleModes)} / ${nodeCpu('by (instance) ')}`,
      'timeseries',
      { ...byNode, unit: 'percentunit', description: 'Busy share of all cores of a node.' },
    ),
    panel(
      'Memory',
      used('node_memory_MemAvailable_bytes', 'node_memory_MemTotal_bytes'),
      'timeseries',
      { ...byNode, unit: 'percentunit', description: 'Memory in use: total less available.' },
    ),
    panel(
      'Root file system',
      used('node_filesystem_avail_bytes', 'node_filesystem_size_bytes', ', mountpoint="/"'),
      'timeseries',
      { ...byNode, unit: 'percentunit', description: 'Space in use on the file system at /.' },
    ),
    panel('Load (5 min)', nodeGauge('node_load5'), 'timeseries', {
      ...byNode,
      description: 'Runnable and waiting tasks, mean of five minutes.',
    }),
    panel('Received', `${nodeNetwork('receive_bytes')} * 8`, 'timeseries', {
      ...byNode,
      unit: 'bps',
      description: 'Bits per second in, devices of containers and bridges left out.',
    }),
    panel('Transmitted', `${nodeNetwork('transmit_bytes')} * 8`, 'timeseries', {
      ...byNode,
      unit: 'bps',
      description: 'Bits per second out, devices of containers and bridges left out.',
    }),
    panel(
      'Network errors',
      `${nodeNetwork('receive_errs')} + ${nodeNetwork('transmit_errs')}`,
      'timeseries',
      { ...byNode, unit: 'pps', description: 'Packets with errors per second, both directions.' },
    ),
    panel(
      'Packets dropped',
      `${nodeNetwork('receive_drop')} + ${nodeNetwork('transmit_drop')}`,
      'timeseries',
      { ...byNode, unit: 'pps', description: 'Packets dropped per second, both directions.' },
    ),
    panel(
      'Pods',
      firstOf(
        `max by (node) (kubelet_running_pods{${c}, node!=""})`,
        `max by (node) (kubelet_running_pod_count{${c}, node!=""})`,
      ),
      'timeseries',
      {
        ...byNode,
        by: 'node',
        unit: 'short',
        description: 'Pods that run on a node, by its kubelet: none while that is silent.',
      },
    ),
    panel(
      'Conditions',
      conditions.map((condition) => ({
        name: condition,
        expr: `max by (node) (kube_node_status_condition{${c}, condition="${condition}", status="true"})`,
        unit: 'short',
      })),
      'table',
      { ...byNode, by: 'node', description: '1 where the condition holds, 0 where it does not.' },
    ),
  ],
};
