import { secondExporters } from '@bud-monitoring/contracts';
import type { TemplateSource } from './builder/dashboard.js';
import { panel } from './builder/panel.js';
import type { Step } from './builder/style.js';

/** Figures of each cluster, under the label `cluster`. */
interface FleetFigures {
  /** Unix seconds. */
  readonly heard: string;
  readonly nodes: string;
  readonly ready: string;
  /** Percent. */
  readonly cpu: string;
  readonly memory: string;
  readonly storage: string;
  /** 0 to 300, as docs/fleet.md has it. */
  readonly need: string;
}

/** By the recording rules of deploy/rules. */
const recorded: FleetFigures = {
  heard: 'max by (cluster) (cluster:bud_newest_sample_timestamp_seconds:max)',
  nodes: 'max by (cluster) (cluster:bud_nodes:count)',
  ready: 'max by (cluster) (cluster:bud_nodes_ready:count)',
  cpu: 'max by (cluster) (cluster:bud_cpu:percent)',
  memory: 'max by (cluster) (cluster:bud_memory:percent)',
  storage: 'max by (cluster) (cluster:bud_storage:percent)',
  need: 'max by (cluster) (cluster:bud_need:score)',
};

/** Every series of a cluster. */
const f = 'cluster!=""';
const perNode = (by: string, expr: string) => `max by (cluster, ${by}) (${expr})`;
const byCluster = (how: 'sum' | 'count', by: string, expr: string) =>
  `${how} by (cluster) (${perNode(by, expr)})`;
/** Of machines with several node-exporters one counts. */
const overMachines = (expr: string) =>
  `sum by (cluster) (${expr} unless on (cluster, instance) ${secondExporters(`node_uname_info{${f}}`, 'cluster, ')})`;
const usage = (free: string, total: string, matchers = '') => {
  const sum = (name: string) => overMachines(perNode('instance', `${name}{${f}${matchers}}`));
  return `100 * (1 - ${sum(free)} / ${sum(total)})`;
};

/** The same of the series themselves, for stores without the rules; who is silent is known for an hour. */
const plain: FleetFigures = (() => {
  const heard = `max by (cluster) (max_over_time((timestamp(node_uname_info{${f}}) or timestamp(kube_node_info{${f}}))[1h:1m]))`;
  const nodes = `(${byCluster('count', 'node', `kube_node_info{${f}}`)} or ${byCluster('count', 'nodename', `node_uname_info{${f}}`)})`;
  const ready = byCluster(
    'sum',
    'node',
    `kube_node_status_condition{${f}, condition="Ready", status="true"}`,
  );
  const rate = `rate(node_cpu_seconds_total{${f}, mode!~"idle|iowait|steal"}[$__rate_interval])`;
  const busy = overMachines(`sum by (cluster, instance) (${perNode('instance, cpu, mode', rate)})`);
  const kept = `node_cpu_seconds_total{${f}, mode=~"idle|user", cpu!=""}`;
  const cores = overMachines(`count by (cluster, instance) (${perNode('instance, cpu', kept)})`);
  const cpu = `100 * ${busy} / ${cores}`;
  const memory = usage('node_memory_MemAvailable_bytes', 'node_memory_MemTotal_bytes');
  const storage = usage(
    'node_filesystem_avail_bytes',
    'node_filesystem_size_bytes',
    ', mountpoint="/"',
  );
  const of = (name: string, expr: string) => `label_replace(${expr}, "of", "${name}", "", "")`;
  const fullest = `max by (cluster) (${of('cpu', cpu)} or ${of('memory', memory)} or ${of('storage', storage)})`;
  const orNone = (expr: string) => `(${expr} or 0 * ${heard})`;
  const unready = `100 * (2 - ${ready} / ${nodes}) and ${ready} < ${nodes}`;
  const need = `clamp_max(300 * (time() - ${heard} > bool 300) + ${orNone(unready)} + ${orNone(fullest)}, 300)`;
  return { heard, nodes, ready, cpu, memory, storage, need };
})();

/**
 * Names of the clusters, zero under the labels `cluster` and `name`, by what bud-dashboard exposes; of clusters without
 * one their ids. A label of its own names them there: a series with the label `cluster` would be one of the cluster.
 */
const namesOf = ({ heard }: FleetFigures) => {
  const given = 'max by (cluster_id, name) (bud_dashboard_cluster_name_timestamp_seconds)';
  const known = `topk by (cluster) (1, label_replace(${given}, "cluster", "$1", "cluster_id", "(.*)"))`;
  const ids = `label_replace(${heard}, "name", "$1", "cluster", "(.*)")`;
  return `0 * (${known} or on (cluster) ${ids})`;
};

const needSteps: readonly Step[] = [
  [90, 'yellow'],
  [100, 'orange'],
  [200, 'red'],
];
const ageSteps: readonly Step[] = [[300, 'red']];

/** One row a cluster, in as many queries however many there are. */
function fleetOf(name: string, of: FleetFigures): TemplateSource {
  const silent = `time() - ${of.heard} > 300`;
  const need = `${of.need} + on (cluster) group_left (name) (${namesOf(of)})`;
  const stat = { width: 6 };
  return {
    name,
    title: 'Bud Monitoring / Fleet',
    uid: 'bud-template-fleet',
    description: 'All clusters, those first that need somebody. For operators: it is never public.',
    variables: [],
    panels: [
      panel('Clusters', `count(${of.heard})`, 'stat', {
        ...stat,
        unit: 'short',
        description: 'Clusters that the store knows.',
      }),
      panel('Silent clusters', `count(${silent}) or vector(0)`, 'stat', {
        ...stat,
        unit: 'short',
        steps: [[1, 'red']],
        description: 'Clusters without a sample in the last 5 minutes.',
      }),
      panel('Nodes', `sum(${of.nodes})`, 'stat', {
        ...stat,
        unit: 'short',
        description: 'Nodes of all clusters, by kube-state-metrics or else node-exporter.',
      }),
      panel('Nodes not ready', `sum(${of.nodes} - ${of.ready}) or vector(0)`, 'stat', {
        ...stat,
        unit: 'short',
        steps: [[1, 'orange']],
        description: 'Nodes that Kubernetes does not call ready.',
      }),
      panel(
        'Clusters by need',
        [
          { name: 'Need', expr: need, unit: 'short', decimals: 0, steps: needSteps },
          { name: 'Last sample', expr: `time() - ${of.heard}`, unit: 's', steps: ageSteps },
          { name: 'Nodes', expr: of.nodes, unit: 'short', decimals: 0 },
          { name: 'Ready', expr: of.ready, unit: 'short', decimals: 0 },
          { name: 'CPU', expr: `${of.cpu} / 100`, unit: 'percentunit' },
          { name: 'Memory', expr: `${of.memory} / 100`, unit: 'percentunit' },
          { name: 'Storage', expr: `${of.storage} / 100`, unit: 'percentunit' },
        ],
        'table',
        {
          by: 'name, cluster',
          sortBy: 'Need',
          height: 22,
          link: { title: 'Dashboards of the cluster', url: '/d/${__data.fields.Cluster}' },
          description:
            'A row for each cluster, by its name where bud-dashboard is scraped into this store: 300 is silent, from 100 on nodes are not ready, and besides it is the fullest of CPU, memory and storage in percent.',
        },
      ),
      panel('Most need', `topk(10, ${need})`, 'timeseries', {
        by: 'name',
        unit: 'short',
        description: 'The ten clusters that need somebody most, over time.',
      }),
    ],
  };
}

/** The fleet where the store has the recording rules, and where it has not. */
export const fleet = fleetOf('product/fleet', plain);
export const recordedFleet = fleetOf('product/fleet-recorded', recorded);
