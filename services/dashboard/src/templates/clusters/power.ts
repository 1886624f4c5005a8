import type { TemplateSource } from '../builder/dashboard.js';
import { panel, row } from '../builder/panel.js';
import { c, firstOf } from '../builder/queries.js';

/** Joules per second by one label: once for each of a node's parts, then their sum. */
const rateBy = (label: string, parts: string, metric: string, matchers = ''): string =>
  `sum by (${label}) (max by (${label}, ${parts}) (rate(${metric}{${c}${matchers}}[$__rate_interval])))`;

/** The same under the label `node`; two exporters of a node say the same. */
const byNode = (expr: string, label: string): string =>
  `max by (node) (label_replace(${expr}, "node", "$1", "${label}", "(.+)"))`;

/** Kepler up to 0.9 puts the node's name into `instance`, from 0.10 on into `node_name`. */
const older = (metric: string, parts: string): string =>
  // What a model says beside a meter does not count.
  firstOf(
    ...[', source!~".*(model|estimat).*"', ''].map((matchers) =>
      byNode(rateBy('instance', parts, metric, matchers), 'instance'),
    ),
  );
const newer = (zone: string): string =>
  byNode(
    rateBy('node_name', 'path', 'kepler_node_cpu_joules_total', `, zone="${zone}"`),
    'node_name',
  );

const rapl = byNode(
  `${rateBy('instance', 'index, path', 'node_rapl_package_joules_total')} * on (instance) group_left (nodename) max by (instance, nodename) (node_uname_info{${c}})`,
  'nodename',
);

/** Watts of each node by the best source it has: scopes overlap and must never be added. */
const nodeWatts = firstOf(
  older('kepler_node_platform_joules_total', 'mode'),
  newer('psys'),
  older('kepler_node_package_joules_total', 'package, mode'),
  newer('package'),
  rapl,
  older(
    'kepler_container_joules_total',
    'container_namespace, pod_name, container_name, container_id, mode',
  ),
);

const containerWatts = firstOf(
  `sum by (container_namespace) (max by (container_namespace, pod_name, container_name, container_id, mode) (rate(kepler_container_joules_total{${c}}[$__rate_interval])))`,
  `label_replace(sum by (pod_namespace) (max by (pod_namespace, pod_name, pod_id) (rate(kepler_pod_cpu_joules_total{${c}, zone="package"}[$__rate_interval]))), "container_namespace", "$1", "pod_namespace", "(.+)")`,
);

/** Power and energy of a cluster, from whatever measures it. */
export const power: TemplateSource = {
  name: 'power',
  title: 'Kubernetes / Power',
  uid: 'bud-template-power',
  description:
    'Watts and energy of one cluster: platform, package or containers, whichever is measured.',
  panels: [
    row('$cluster'),
    panel('Power now', `sum(${nodeWatts})`, 'stat', {
      description: 'Watts of all nodes that are measured, by Kepler or node-exporter (RAPL).',
      unit: 'watt',
      width: 12,
    }),
    panel('Nodes measured', `count(${nodeWatts})`, 'stat', {
      description: 'Nodes that report power from any source: none without Kepler or RAPL.',
      unit: 'short',
      width: 12,
    }),
    panel('Power by node', nodeWatts, 'timeseries', {
      description: 'Watts by node, from the best source that the node reports.',
      unit: 'watt',
      by: 'node',
      stacked: true,
      height: 8,
    }),
    panel('Power of containers by namespace', containerWatts, 'timeseries', {
      description: 'Watts attributed to containers, by namespace. Needs Kepler.',
      unit: 'watt',
      by: 'container_namespace',
      stacked: true,
      height: 8,
    }),
  ],
};
