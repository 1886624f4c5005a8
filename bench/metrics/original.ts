import { ask } from './bare-client.js';

/** The queries of the original, one after the other, each answer parsed. Their number is given back. */
const devices = 'device!~"lo|veth.*|docker.*|br.*|cni.*"';

/** `GET /metrics?time_range=today&metric_type=all`: today, and the day before. */
export async function originalMetrics(url: string, cluster: string, end: number): Promise<number> {
  const own = `cluster="${cluster}",job="node-exporter"`;
  const rate = (name: string) => `rate(node_network_${name}_bytes_total{${own},${devices}}[5m])`;
  const queries = [
    `node_uname_info{${own}}`,
    `node_memory_MemTotal_bytes{${own}}`,
    `node_memory_MemAvailable_bytes{${own}}`,
    `(1 - avg by (instance) (irate(node_cpu_seconds_total{${own},mode="idle"}[5m]))) * 100`,
    `node_filesystem_size_bytes{${own},mountpoint="/"}`,
    `node_filesystem_avail_bytes{${own},mountpoint="/"}`,
    `sum by (instance) (${rate('receive')}) * 8`,
    `sum by (instance) (${rate('transmit')}) * 8`,
    `sum by (instance) (${rate('receive')} + ${rate('transmit')}) * 8`,
  ];
  const midnight = end - (end % 86_400);
  let sent = 0;
  for (const [from, to] of [
    [midnight, end],
    [midnight - 86_400, midnight],
  ] as const) {
    for (const query of queries) {
      await ask(url, 'query_range', { query, start: from, end: to, step: 300 });
      sent += 1;
    }
    const offset = to === end ? '' : ' offset 24h';
    const joules = `sum by (instance) (increase(kepler_container_joules_total{cluster="${cluster}"}[24h]${offset})) / 3600000`;
    await ask(url, 'query', { query: joules, time: end });
    sent += 1;
  }
  return sent;
}

/** `GET /node-metrics`: a few queries for all, then several for each node in turn. */
export async function originalNodeMetrics(
  url: string,
  cluster: string,
  end: number,
): Promise<number> {
  const own = `cluster="${cluster}"`;
  let sent = 0;
  const instant = (query: string) => {
    sent += 1;
    return ask(url, 'query', { query, time: end });
  };
  const nodes = await instant(`node_uname_info{${own}}`);
  for (const query of [
    `node_uname_info{${own}}`,
    `kubelet_running_pods{${own}}`,
    `kubelet_running_pods{${own}}`,
    `kube_node_status_allocatable_pods{${own}}`,
    `kube_node_status_condition{condition="Ready",status="true",${own}}`,
  ])
    await instant(query);
  for (const { metric } of nodes) {
    const name = metric['nodename'] ?? '';
    const address = (metric['instance'] ?? '').split(':')[0] ?? '';
    const like = `instance=~".*${address}.*",${own}`;
    await instant(`kube_node_status_condition{node="${name}",${own}}`);
    await instant(`kube_node_status_capacity{node="${name}",${own}}`);
    await instant(`sum(rate(node_cpu_seconds_total{${like},mode!="idle"}[5m])) by (instance)`);
    await instant(
      ['MemTotal', 'MemFree', 'Buffers', 'Cached']
        .map((part) => `node_memory_${part}_bytes{${like}}`)
        .join(' - '),
    );
    const rate = (way: string) => `rate(node_network_${way}_bytes_total{${like},${devices}}[1h])`;
    sent += 1;
    await ask(url, 'query_range', {
      query: `sum(${rate('receive')} + ${rate('transmit')}) by (instance)`,
      start: end - 86_400,
      end,
      step: 3600,
    });
  }
  return sent;
}
