import type { TemplateSource } from '../builder/dashboard.js';
import type { PanelOptions } from '../builder/options.js';
import { panel, row } from '../builder/panel.js';
import {
  busyCores,
  byNodeName,
  c,
  firstOf,
  nodeCores,
  nodeDisk,
  nodeGauge,
  nodeNetwork,
  oncePer,
} from '../builder/queries.js';
import { yesIsBad, yesIsGood } from '../builder/style.js';
import { operations, packets } from '../builder/units.js';

const graph = (title: string, expr: string, options: PanelOptions) =>
  panel(title, expr, 'timeseries', { by: 'node', width: 12, ...options });

/** A figure by `instance` under the names of the nodes. */
const ofNode = (title: string, expr: string, options: PanelOptions) =>
  graph(title, byNodeName(expr), options);

const share = { unit: 'percentunit' };

/** The same of each file system that holds data. */
const fileSystems = (free: string, size: string): string => {
  const gauge = (metric: string) =>
    oncePer(
      'instance, mountpoint',
      `node_filesystem_${metric}{${c}, fstype!~"tmpfs|ramfs|overlay|squashfs|iso9660|nsfs|autofs|rootfs|fuse.lxcfs|erofs", mountpoint!~"/var/lib/(kubelet|containerd|docker|containers)/.+|/run/.+|/boot.*"}`,
    );
  return byNodeName(`1 - ${gauge(free)} / ${gauge(size)}`, ', mountpoint');
};

const conditions = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;

/** What each node of a cluster is doing. */
export const nodes: TemplateSource = {
  name: 'nodes',
  title: 'Kubernetes / Nodes',
  uid: 'bud-template-nodes',
  description: 'CPU, memory, disk, network, pods and conditions of each node of one cluster.',
  panels: [
    row('$cluster'),
    panel(
      'Conditions',
      [
        ...conditions.map((condition) => ({
          name: condition,
          expr: oncePer(
            'node',
            `kube_node_status_condition{${c}, condition="${condition}", status="true"}`,
          ),
          unit: 'short',
          mapping: condition === 'Ready' ? yesIsGood : yesIsBad,
        })),
        {
          name: 'Cordoned',
          expr: oncePer('node', `kube_node_spec_unschedulable{${c}}`),
          unit: 'short',
          mapping: yesIsBad,
        },
      ],
      'table',
      {
        by: 'node',
        width: 12,
        sortBy: 'Node',
        description: 'What the cluster says of each node. Needs kube-state-metrics.',
      },
    ),
    panel(
      'Machines',
      [
        { name: 'Cores', expr: byNodeName(nodeCores), unit: 'short' },
        {
          name: 'Memory',
          expr: byNodeName(nodeGauge('node_memory_MemTotal_bytes')),
          unit: 'bytes',
        },
        {
          name: 'Up for',
          expr: byNodeName(`time() - ${nodeGauge('node_boot_time_seconds')}`),
          unit: 's',
          decimals: 0,
        },
        {
          name: 'Clock in sync',
          expr: byNodeName(nodeGauge('node_timex_sync_status')),
          unit: 'short',
          mapping: yesIsGood,
        },
      ],
      'table',
      {
        by: 'node',
        width: 12,
        sortBy: 'Node',
        description:
          'Size of each node, the time since it was started, and whether its clock follows another.',
      },
    ),
    row('CPU and memory'),
    ofNode('CPU', `${busyCores} / ${nodeCores}`, {
      ...share,
      description: 'Busy share of all cores of a node.',
    }),
    ofNode(
      'Memory',
      `1 - ${nodeGauge('node_memory_MemAvailable_bytes')} / ${nodeGauge('node_memory_MemTotal_bytes')}`,
      { ...share, description: 'Memory in use: total less available.' },
    ),
    ofNode('Load against cores (5 min)', `${nodeGauge('node_load5')} / ${nodeCores}`, {
      ...share,
      steps: [
        [1, 'yellow'],
        [2, 'red'],
      ],
      description: 'Runnable and waiting tasks for each core, mean of five minutes.',
    }),
    graph(
      'Pods',
      firstOf(
        oncePer('node', `kubelet_running_pods{${c}, node!=""}`),
        oncePer('node', `kubelet_running_pod_count{${c}, node!=""}`),
      ),
      {
        unit: 'short',
        decimals: 0,
        description: 'Pods that run on a node, by its kubelet: none while that is silent.',
      },
    ),
    row('Disks'),
    graph('File systems', fileSystems('avail_bytes', 'size_bytes'), {
      ...share,
      by: 'node, mountpoint',
      description: 'Space in use on each file system that holds data.',
    }),
    graph('Inodes', fileSystems('files_free', 'files'), {
      ...share,
      by: 'node, mountpoint',
      description: 'Files that a file system can hold, in use.',
    }),
    ofNode(
      'Disk throughput',
      `${nodeDisk('read_bytes_total')} + ${nodeDisk('written_bytes_total')}`,
      {
        unit: 'Bps',
        description: 'Bytes read and written per second on all disks of a node.',
      },
    ),
    ofNode(
      'Disk operations',
      `${nodeDisk('reads_completed_total')} + ${nodeDisk('writes_completed_total')}`,
      { unit: operations, description: 'Reads and writes per second on all disks of a node.' },
    ),
    row('Network'),
    ofNode('Received', nodeNetwork('receive_bytes'), {
      unit: 'Bps',
      description: 'Bytes per second in, devices of containers and bridges left out.',
    }),
    ofNode('Transmitted', nodeNetwork('transmit_bytes'), {
      unit: 'Bps',
      description: 'Bytes per second out, devices of containers and bridges left out.',
    }),
    ofNode('Network errors', `${nodeNetwork('receive_errs')} + ${nodeNetwork('transmit_errs')}`, {
      unit: packets,
      description: 'Packets with errors per second, both directions.',
    }),
    ofNode('Packets dropped', `${nodeNetwork('receive_drop')} + ${nodeNetwork('transmit_drop')}`, {
      unit: packets,
      description: 'Packets dropped per second, both directions.',
    }),
    row('Kernel'),
    ofNode(
      'Connections tracked',
      `${nodeGauge('node_nf_conntrack_entries')} / ${nodeGauge('node_nf_conntrack_entries_limit')}`,
      {
        ...share,
        description:
          'Share of the connections that the kernel can track: at the end new ones are dropped.',
      },
    ),
    ofNode('Clock offset', nodeGauge('node_timex_offset_seconds'), {
      unit: 's',
      signed: true,
      description: 'How far the clock of a node is from the one it follows.',
    }),
  ],
};
