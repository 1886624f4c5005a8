import type { Inference } from '@bud-monitoring/contracts';
import type { TestService } from '../../metrics/support/service.js';
import type { PanelAsker } from './ask-panels.js';
import { shownBy, type Frame, type Panel } from './browser.js';

/** A figure of a cluster or, as `<panel> <hostname>`, of a node. */
export type Figures = Record<string, number | null>;

/** The share by which a rate may differ: dashboards take it over other seconds than the API. */
const tolerance = 0.1;

/**
 * What the API says of a cluster, and what its dashboards show where the API says something; where it
 * says nothing, they have to show nothing.
 */
export async function compare(options: {
  api: TestService;
  asker: PanelAsker;
  id: string;
}): Promise<{ figures: Figures; shown: Figures }> {
  const { api, asker, id } = options;
  const figures = await figuresOf(api, id);
  const hostnames = new Map<string, string>();
  for (const [key, { hostname }] of Object.entries((await api.metrics(id)).nodes))
    if (hostname !== null) for (const name of [key, hostname]) hostnames.set(name, hostname);

  const all = new Map<string, number>();
  const served = Object.keys(figures).includes('Tokens out') ? ['-i'] : [];
  for (const suffix of ['', '-n', '-p', ...served])
    for (const panel of (await asker.panels(`${id}${suffix}`)).panels)
      for (const [name, value] of lastValues(panel, await asker.own(panel), hostnames))
        all.set(name, value);
  const shown = Object.keys(figures).map((name) => [name, all.get(name) ?? null]);
  return { figures, shown: Object.fromEntries(shown) as Figures };
}

async function figuresOf(api: TestService, id: string): Promise<Figures> {
  const { nodes, cluster_summary } = await api.metrics(id, 'time_range=10min&series=false');
  const details = await api.nodeMetrics(id);
  const figures: Figures = {
    'CPU Utilisation': share(cluster_summary.cpu?.usage_percent),
    'Memory Utilisation': share(cluster_summary.memory?.usage_percent),
    'Power now': cluster_summary.power?.average_watts ?? null,
    ...inferenceFigures(cluster_summary.inference),
  };
  for (const [key, node] of Object.entries(nodes)) {
    const name = node.hostname ?? key;
    figures[`CPU ${name}`] = share(node.cpu?.usage_percent);
    figures[`Memory ${name}`] = share(node.memory?.usage_percent);
    figures[`Received ${name}`] = bytes(node.network_in?.inbound_mbps);
    figures[`Transmitted ${name}`] = bytes(node.network_out?.outbound_mbps);
  }
  for (const { hostname, pods } of Object.values(details.nodes))
    if (hostname !== null) figures[`Pods ${hostname}`] = pods.current;
  return figures;
}

/** None where a cluster serves no models. */
function inferenceFigures(inference: Inference | undefined): Figures {
  if (inference === undefined) return {};
  const first = inference.models.map((model) => model.time_to_first_token_seconds.p95 ?? 0);
  return {
    'Requests running': inference.requests_running,
    'Requests waiting': inference.requests_waiting,
    'Tokens in': inference.input_tokens_per_second,
    'Tokens out': inference.output_tokens_per_second,
    'Slowest first token': Math.max(...first),
  };
}

const share = (percent: number | null | undefined) =>
  percent === null || percent === undefined ? null : percent / 100;
const bytes = (mbps: number | null | undefined) =>
  mbps === null || mbps === undefined ? null : (mbps * 1e6) / 8;

/** The newest value of each line or number of a panel, if it is no older than five minutes. */
function lastValues(
  panel: Panel,
  frames: readonly Frame[],
  hostnames: ReadonlyMap<string, string>,
): [name: string, value: number][] {
  if (panel.type === 'table') return [];
  const isRecent = ({ data }: Frame) => Number(data.values[0]?.at(-1)) > Date.now() - 5 * 60_000;
  return shownBy(panel, frames.filter(isRecent), 'own').flatMap(({ labels, values }) => {
    const value = values.at(-1);
    const of = Object.values(labels).find((label) => hostnames.has(label));
    const name = of === undefined ? panel.title : `${panel.title} ${hostnames.get(of) ?? ''}`;
    return typeof value === 'number' ? [[name, value] as [string, number]] : [];
  });
}

/** Matches figures that are near these, and nothing where there is none. */
export function near(figures: Figures): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name, value === null ? null : within(value)]),
  );
}

function within(value: number) {
  const off = Math.max(tolerance * Math.abs(value), 0.01);
  return {
    asymmetricMatch: (other: unknown) =>
      typeof other === 'number' && Math.abs(other - value) <= off,
    toString: () => `${value} or so`,
  };
}
