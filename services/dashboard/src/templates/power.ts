import type { TemplateSource } from './dashboard.js';
import { panel } from './panel.js';
import { c, firstOf } from './queries.js';

/** What measures the power of a node, best first: selector, and watts by `instance`. */
const sources = [
  measured('kepler_node_platform_joules_total', '', 'instance'),
  measured('kepler_node_cpu_joules_total', ', zone="psys"', 'node_name, path'),
  measured('kepler_node_package_joules_total', '', 'instance, package'),
  measured('kepler_node_cpu_joules_total', ', zone="package"', 'node_name, path'),
  measured('node_rapl_package_joules_total', '', 'instance, index, path'),
  measured(
    'kepler_container_joules_total',
    '',
    'instance, container_namespace, pod_name, container_name, container_id, mode',
  ),
];

function measured(metric: string, matchers: string, once: string) {
  const selector = `${metric}{${c}${matchers}}`;
  const node = once.split(',')[0] ?? 'instance';
  const watts = `sum by (${node}) (max by (${once}) (rate(${selector}[$__rate_interval])))`;
  return {
    selector,
    watts:
      node === 'instance'
        ? watts
        : `sum by (instance) (label_replace(${watts}, "instance", "$1", "${node}", "(.+)"))`,
  };
}

/** Only the first source that the cluster has: scopes overlap and must never be added. */
const nodeWatts = sources.map(({ watts }, index) => {
  const better = sources.slice(0, index).map((source) => source.selector);
  return better.length === 0 ? watts : `(${watts} unless on () (${firstOf(...better)}))`;
});

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
    panel('Power now', `sum(${firstOf(...nodeWatts)})`, 'stat', {
      description: 'Watts of all nodes that are measured.',
      unit: 'watt',
      width: 12,
    }),
    panel('Nodes measured', `count(${firstOf(...nodeWatts)})`, 'stat', {
      description: 'Nodes that report power by the best source of this cluster.',
      unit: 'short',
      width: 12,
    }),
    panel('Power by node', firstOf(...nodeWatts), 'timeseries', {
      description: 'Watts by node, from the best source that this cluster reports.',
      unit: 'watt',
      by: 'instance',
      height: 8,
    }),
    panel('Power of containers by namespace', containerWatts, 'timeseries', {
      description: 'Watts attributed to containers, by namespace.',
      unit: 'watt',
      by: 'container_namespace',
      height: 8,
    }),
  ],
};
