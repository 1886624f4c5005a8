import { secondExporters, uncountedNetworkDevices } from '@bud-monitoring/contracts';

/** The matcher that every selector of a template carries. */
export const c = 'cluster="$cluster"';

/** First of the alternatives that has data: recorded by newer rules, by older ones, or plain. */
export const firstOf = (...expressions: string[]): string => expressions.join(' or ');

/** `max by` folds replicas of Prometheus and of exporters into one series each. */
export const oncePer = (labels: string, expr: string): string => `max by (${labels}) (${expr})`;

const byNamespace = (expr: string): string => `sum by (namespace) (${expr})`;

const cadvisor = (metric: string, labels: string, fn = 'rate', matchers = 'namespace!=""') =>
  oncePer(labels, `${fn}(${metric}{${c}, ${matchers}}[$__rate_interval])`);

/** CPU cores used, by namespace. */
export const cpuUsage = firstOf(
  ...['sum_rate5m', 'sum_irate'].map((suffix) =>
    byNamespace(
      oncePer(
        'namespace, pod, container',
        `node_namespace_pod_container:container_cpu_usage_seconds_total:${suffix}{${c}}`,
      ),
    ),
  ),
  byNamespace(
    cadvisor(
      'container_cpu_usage_seconds_total',
      'namespace, pod, container',
      'rate',
      'namespace!="", container!=""',
    ),
  ),
);

/** Requests or limits of running and pending pods, by namespace (cores or bytes). */
export function resources(kind: 'requests' | 'limits', resource: 'cpu' | 'memory'): string {
  return firstOf(
    byNamespace(
      oncePer('namespace', `namespace_${resource}:kube_pod_container_resource_${kind}:sum{${c}}`),
    ),
    byNamespace(
      `${oncePer('namespace, pod, container', `kube_pod_container_resource_${kind}{${c}, resource="${resource}"}`)} * on (namespace, pod) group_left () ${oncePer('namespace, pod', `kube_pod_status_phase{${c}, phase=~"Pending|Running"} == 1`)}`,
    ),
  );
}

/** What the nodes can give to pods (cores or bytes), one number. */
export const allocatable = (resource: 'cpu' | 'memory'): string =>
  `sum(${oncePer('node', `kube_node_status_allocatable{${c}, resource="${resource}"}`)})`;

/** Resident memory of containers in bytes, by namespace. */
export const memoryRss = byNamespace(
  oncePer('namespace, pod, container', `container_memory_rss{${c}, container!=""}`),
);

/** A container network counter per second, by namespace. */
export const network = (metric: string, aggregate: 'sum' | 'avg' = 'sum', fn = 'rate'): string =>
  `${aggregate} by (namespace) (${cadvisor(`container_network_${metric}_total`, 'namespace, pod, interface', fn)})`;

const disks =
  'container!="", namespace!="", device=~"(/dev/)?(mmcblk.p.+|nvme.+|rbd.+|sd.+|vd.+|xvd.+|dm-.+|md.+|dasd.+)"';

/** A container disk counter per second, by namespace. */
export const storage = (metric: string): string =>
  byNamespace(
    cadvisor(`container_fs_${metric}_total`, 'namespace, pod, container, device', 'rate', disks),
  );

/** A counter of container CPU periods per second, by namespace. */
export const cpuPeriods = (metric: string): string =>
  byNamespace(
    cadvisor(
      `container_cpu_cfs_${metric}_total`,
      'namespace, pod, container',
      'rate',
      'namespace!="", container!=""',
    ),
  );

/** How often something counted by kube-state-metrics or the kubelet happened in an hour. */
export const inAnHour = (metric: string, matchers: string, by = 'namespace'): string =>
  `sum by (${by}) (${oncePer('namespace, pod, container', `increase(${metric}{${c}${matchers}}[1h])`)})`;

/**
 * A figure of node-exporter's under the name of its node. Of machines behind one address, the name of one:
 * which it is cannot be told.
 */
export function byNodeName(expr: string, more = ''): string {
  const names = `topk by (instance) (1, max by (instance, nodename) (node_uname_info{${c}}))`;
  const named = `(${expr}) * on (instance) group_left (nodename) ${names}`;
  return `max by (node${more}) (label_replace(${named}, "node", "$1", "nodename", "(.+)"))`;
}

/** Value of a node-exporter gauge, once per instance. */
export const nodeGauge = (metric: string, matchers = ''): string =>
  oncePer('instance', `${metric}{${c}${matchers}}`);

/** The sum over the machines of a figure of their node-exporters, of which one speaks for each. */
export const overMachines = (expr: string): string =>
  `sum(${expr} unless on (instance) ${secondExporters(`node_uname_info{${c}}`)})`;

/** A network counter of the nodes per second, summed over the devices that count. */
export const nodeNetwork = (metric: string): string =>
  `sum by (instance) (${oncePer('instance, device', `rate(node_network_${metric}_total{${c}, device!~"${uncountedNetworkDevices}"}[$__rate_interval])`)})`;

/** A counter of the disks of the nodes per second, summed over those that are no part of another. */
export const nodeDisk = (metric: string): string =>
  `sum by (instance) (${oncePer('instance, device', `rate(node_disk_${metric}{${c}, device=~"nvme.+|sd.+|vd.+|xvd.+|mmcblk.+|dasd.+"}[$__rate_interval])`)})`;

/** Cores of each node: by one of two modes, as relabelling drops the others to save series. */
export const nodeCores = `count by (instance) (${oncePer('instance, cpu', `node_cpu_seconds_total{${c}, mode=~"idle|user", cpu!=""}`)})`;

/** Cores of each node that do work for us: in other modes than these, as the API counts. */
export const busyCores = `sum by (instance) (${oncePer('instance, cpu, mode', `rate(node_cpu_seconds_total{${c}, mode!~"idle|iowait|steal"}[$__rate_interval])`)})`;
