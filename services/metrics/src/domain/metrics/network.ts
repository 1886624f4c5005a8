import type { FigureReader } from '../promql/figure.js';
import type { Scope } from '../promql/scope.js';
import type { CounterFigure } from '../time-base/counter-figure.js';
import { nodeTargets } from '../targets/node-exporter.js';
import { mbps, round } from '../units.js';
import { isBeyond, mbpsBounds } from '../bounds.js';
import type { NodeMetric, Quantity } from './types.js';

/** Counters of errors and drops, by their field. */
export const networkCounters = {
  receive_errors: 'node_network_receive_errs_total',
  transmit_errors: 'node_network_transmit_errs_total',
  receive_packets_dropped: 'node_network_receive_drop_total',
  transmit_packets_dropped: 'node_network_transmit_drop_total',
} as const;
export type NetworkCounter = keyof typeof networkCounters;

/** Devices that count: anchored as every PromQL expression is. */
export function countedDevices(scope: Scope) {
  return { label: 'device', op: '!~', value: scope.settings.networkDeviceExclude } as const;
}

/** What a counter of network devices grew, summed over those that count. */
function deviceSum(figure: string, scope: Scope, name: string): CounterFigure {
  const selected = scope.select(name, countedDevices(scope));
  return {
    figure,
    group: nodeTargets(scope),
    expr: (of) => `sum without (device) (${of(selected)})`,
  };
}

/** Errors and drops, of the counters that the cluster has: `stat:<name>`. */
export function networkStats(scope: Scope): CounterFigure[] {
  return Object.entries(networkCounters).flatMap(([name, metric]) =>
    scope.has(metric) ? [deviceSum(`stat:${name}`, scope, metric)] : [],
  );
}

/** Names of the figures of errors. */
export const networkErrors = ['stat:receive_errors', 'stat:transmit_errors'] as const;

/** Errors, received and sent. */
export function errorFigures(scope: Scope): CounterFigure[] {
  return networkStats(scope).filter(({ figure }) => networkErrors.some((name) => name === figure));
}

function direction(id: 'receive' | 'transmit'): Quantity {
  const name = `node_network_${id}_bytes_total`;
  return {
    id,
    metricNames: [name],
    counters: (scope) => [deviceSum(id, scope, name)],
    instant: () => [],
    mean: () => [],
    meanOf(read) {
      const bytes = read(id);
      return bytes === null ? null : mbps(bytes);
    },
    points: () => [],
  };
}

const receive = direction('receive');
const transmit = direction('transmit');

const inMbps = (read: FigureReader, figures: readonly string[]): number | null => {
  const values = figures.map(read);
  if (values.some((value) => value === null)) return null;
  return mbps(values.reduce<number>((sum, value) => sum + (value ?? 0), 0));
};

/** Mbps of some directions together. */
function amount(quantities: readonly Quantity[]) {
  const figures = quantities.map(({ id }) => id);
  return {
    quantities,
    kind: 'amount',
    figures,
    bounds: mbpsBounds,
    implausible: (read: FigureReader) =>
      figures.filter((figure) => isBeyond(inMbps(read, [figure]), mbpsBounds)),
  } as const;
}

export const networkIn: NodeMetric<'network_in'> = {
  ...amount([receive]),
  name: 'network_in',
  main: 'inbound_mbps',
  fields: (read) => ({ inbound_mbps: round(inMbps(read, ['receive']), 3) }),
};

export const networkOut: NodeMetric<'network_out'> = {
  ...amount([transmit]),
  name: 'network_out',
  main: 'outbound_mbps',
  fields: (read) => ({ outbound_mbps: round(inMbps(read, ['transmit']), 3) }),
};

export const networkBandwidth: NodeMetric<'network_bandwidth'> = {
  ...amount([receive, transmit]),
  name: 'network_bandwidth',
  main: 'total_mbps',
  fields: (read) => ({ total_mbps: round(inMbps(read, ['receive', 'transmit']), 3) }),
};
