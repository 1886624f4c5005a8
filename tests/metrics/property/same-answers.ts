import { readFileSync } from 'node:fs';
import type { AlertList, ClusterMetrics, FleetCluster } from '@bud-monitoring/contracts';
import { parse } from 'yaml';
import { instantQuery } from '../../fleet/instant-query.js';
import type { TestService } from '../support/service.js';
import type { RandomCluster, RandomNode } from './random-fleet.js';

/** Thresholds that every node is over, so that each has an alert with its value. */
export const lowThresholds = {
  ALERT_CPU_USAGE: '0.001,100',
  ALERT_MEMORY_USAGE: '0.001,100',
  ALERT_NETWORK_ERRORS: '0.001,1000000',
};

/** What is said of a thing by each who says something of it; `null` is said, too. */
type Said = Map<string, Record<string, number | null>>;

/**
 * Where routes, alerts, the stream, exported rules and dashboards do not say the same of the clusters now. Rates of
 * rules and dashboards are the store's own, so they are compared where that has all samples.
 */
export async function differences(
  service: TestService,
  { store, at, clusters }: { store: string; at: number; clusters: readonly RandomCluster[] },
): Promise<string[]> {
  await service.deliver('/evaluate-alerts', {});
  const fleet = (await service.get('/clusters?limit=500')).body.data as {
    clusters: FleetCluster[];
  };
  const found: string[] = [];
  for (const cluster of clusters) {
    const summary = fleet.clusters.find(({ cluster_id: id }) => id === cluster.id);
    const said = await sayings(service, { store, at, cluster, summary });
    for (const [what, values] of said) {
      const known = Object.values(values);
      const numbers = known.filter((value) => value !== null);
      const isSame =
        numbers.length === 0 ||
        (numbers.length === known.length && spread(numbers) <= slackOf(what, numbers));
      if (!isSame) found.push(`${cluster.id.slice(-2)} ${what}: ${JSON.stringify(values)}`);
    }
  }
  return found;
}

const spread = (numbers: readonly number[]) => Math.max(...numbers) - Math.min(...numbers);

/**
 * Two decimals, as answers are rounded, or the three of errors a second, twice and for a minute; of the store's own
 * rates, which reach to the edges of a range, 2 %.
 */
function slackOf(what: string, numbers: readonly number[]): number {
  const rounding = what.startsWith('errors') ? 60 * 0.001 + 0.01 : 0.021;
  return what.startsWith('plain') ? 0.02 * Math.max(...numbers) : rounding;
}

async function sayings(
  service: TestService,
  about: {
    store: string;
    at: number;
    cluster: RandomCluster;
    summary: FleetCluster | undefined;
  },
): Promise<Said> {
  const { store, at, cluster, summary } = about;
  const { id } = cluster;
  const said: Said = new Map();
  const say = (what: string, who: string, value: number | null | undefined) =>
    said.set(what, { ...said.get(what), [who]: value ?? null });

  const metrics = await service.metrics(id, 'time_range=10min&series=false');
  const whole: [who: string, figures: ClusterMetrics['cluster_summary']][] = [
    ['metrics', metrics.cluster_summary],
    ['stream', await streamed(service, id)],
  ];
  for (const [who, { cpu, memory }] of whole) {
    say('cpu', who, cpu?.usage_percent);
    say('cores', who, cpu?.cores);
    say('memory', who, memory?.usage_percent);
  }
  say('cpu', 'clusters', summary?.cpu.usage_percent);
  say('cores', 'clusters', summary?.cpu.cores);
  say('memory', 'clusters', summary?.memory.usage_percent);
  const memory = panel(id, 'Memory Utilisation');
  const [shown] = await instantQuery(store, memory, at);
  say('memory', 'dashboard', shown && 100 * shown.value);

  if (cluster.nodes.every((node) => isPlain(node, at))) {
    const longest = Math.max(...cluster.nodes.map(({ counters }) => counters.cpu.target.interval));
    const window = `${Math.ceil(4 * longest)}s`;
    const [cpu] = await instantQuery(store, panel(id, 'CPU Utilisation', window), at);
    say('plain cpu', 'metrics', metrics.cluster_summary.cpu?.usage_percent);
    say('plain cpu', 'dashboard', cpu && 100 * cpu.value);
  }

  const { nodes } = await service.nodeMetrics(id);
  const { alerts } = (await service.get(`/clusters/${id}/alerts`)).body.data as AlertList;
  const rules = await ruleValues(service, { store, at, id });
  for (const node of cluster.nodes) {
    const { ip } = node;
    const instance = `${ip}:9100`;
    for (const metric of ['cpu', 'memory'] as const) {
      const what = `${metric} of ${ip}`;
      say(what, 'metrics', metrics.nodes[instance]?.[metric]?.usage_percent);
      say(what, 'node-metrics', nodes[ip]?.[metric].usage_percent);
      const alert = alerts.find((one) => one.node === instance && one.metric === `${metric}_usage`);
      say(what, 'alerts', alert?.value);
    }
    say(`memory of ${ip}`, 'rules', rules.get(`memory_usage ${instance}`));
    const { receive_errors: received, transmit_errors: sent } = nodes[ip]?.network.stats ?? {};
    const perMinute =
      received?.current == null || sent?.current == null
        ? null
        : 60 * (received.current + sent.current);
    const firing = alerts.find((one) => one.node === instance && one.metric === 'network_errors');
    say(`errors of ${ip}`, 'node-metrics', perMinute);
    say(`errors of ${ip}`, 'alerts', firing?.value);
    if (!isPlain(node, at)) continue;
    say(`plain errors of ${ip}`, 'node-metrics', perMinute);
    say(`plain errors of ${ip}`, 'rules', rules.get(`network_errors ${instance}`));
    say(`plain cpu of ${ip}`, 'metrics', metrics.nodes[instance]?.cpu?.usage_percent);
    say(`plain cpu of ${ip}`, 'rules', rules.get(`cpu_usage ${instance}`));
  }
  return said;
}

/** Whether a node did the same all along, and no sample of it is missing in the longest window of a rate. */
function isPlain({ isRamp, resets, counters }: RandomNode, at: number): boolean {
  const { interval, times } = counters.cpu.target;
  const recent = times.filter((time) => time > at - 1500);
  const steps = recent.map((time, index) => time - (recent[index - 1] ?? at - 1500));
  return (
    !isRamp &&
    resets.every((reset) => reset < at - 1500) &&
    at - (times.at(-1) ?? 0) <= 1.1 * interval &&
    recent.length > 0 &&
    Math.max(...steps) <= 1.1 * interval
  );
}

/** The first event of the stream. */
async function streamed(
  service: TestService,
  id: string,
): Promise<ClusterMetrics['cluster_summary']> {
  const controller = new AbortController();
  const url = `${service.url}/clusters/${id}/metrics/stream?time_range=10min&series=false`;
  const headers = { accept: 'text/event-stream' };
  const response = await fetch(url, { headers, signal: controller.signal });
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      const [, data] = /^data: (.*)\n\n/m.exec(text) ?? [];
      if (data === undefined) continue;
      return (JSON.parse(data) as { data: ClusterMetrics }).data.cluster_summary;
    }
  } finally {
    controller.abort();
  }
  throw new Error(`the stream ended: ${text}`);
}

/** What the exported rules compare with their thresholds, by metric and instance. */
async function ruleValues(
  service: TestService,
  { store, at, id }: { store: string; at: number; id: string },
): Promise<Map<string, number>> {
  const file = await (await fetch(`${service.url}/clusters/${id}/alert-rules`)).text();
  const { groups } = parse(file) as {
    groups: { rules: { expr: string; labels: { severity: string; metric: string } }[] }[];
  };
  const values = new Map<string, number>();
  for (const { expr, labels } of groups.flatMap(({ rules }) => rules)) {
    if (labels.severity !== 'warning') continue;
    for (const { metric, value } of await instantQuery(store, expr, at))
      values.set(`${labels.metric} ${metric['instance'] ?? ''}`, value);
  }
  return values;
}

const template = JSON.parse(
  readFileSync(new URL('../../../templates/cluster.json', import.meta.url), 'utf8'),
) as { panels: { title: string; targets?: { expr: string }[] }[] };

/** The expression of a panel of the main dashboard. */
function panel(id: string, title: string, rateInterval = '5m'): string {
  const found = template.panels.find((one) => one.title === title);
  return found!
    .targets![0]!.expr.replaceAll('$cluster', id)
    .replaceAll('$__rate_interval', rateInterval);
}
