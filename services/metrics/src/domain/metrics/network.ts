import type { FigureReader } from '../promql/figure.js';
import type { Scope } from '../promql/scope.js';
import { nodeCoveredSeconds, nodeExporterGroup } from '../targets/node-exporter.js';
import { mbps, round } from '../units.js';
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

function direction(id: 'receive' | 'transmit'): Quantity {
  const name = `node_network_${id}_bytes_total`;
  const select = (scope: Scope) => scope.select(name, countedDevices(scope));
  const toMbps = (expr: string) => `${expr} * 8 / 1e6`;
  return {
    id,
    metricNames: [name],
    rateFigures: [id],
    instant: (scope, instant) => [
      { figure: id, expr: perNode(instant.rate(select(scope), nodeExporterGroup)) },
    ],
    mean: (scope, aggregation) => [
      {
        figure: id,
        expr: `sum by (instance) (${aggregation.growth(select(scope), nodeExporterGroup)})`,
      },
    ],
    meanOf(read, covered) {
      const bytes = read(id);
      return bytes === null || covered <= 0 ? null : mbps(bytes / covered);
    },
    points(scope, at) {
      if (at.kind === 'instant') {
        return [{ figure: id, expr: toMbps(perNode(at.rate(select(scope), nodeExporterGroup))) }];
      }
      const covered = nodeCoveredSeconds(scope, at);
      if (covered === null) return [];
      const bytes = `sum by (instance) (${at.growth(select(scope), nodeExporterGroup)})`;
      return [{ figure: id, expr: toMbps(`${bytes} / ${covered}`) }];
    },
  };
}

/** Duplicates of a device are one device; the devices of a node add up. */
function perNode(rate: string): string {
  return `sum by (instance) (max by (instance, device) (${rate}))`;
}

const receive = direction('receive');
const transmit = direction('transmit');

const inMbps = (read: FigureReader, ...figures: string[]) => {
  const values = figures.map(read);
  if (values.some((value) => value === null)) return null;
  return round(mbps(values.reduce<number>((sum, value) => sum + (value ?? 0), 0)), 3);
};

export const networkIn: NodeMetric<'network_in'> = {
  name: 'network_in',
  quantities: [receive],
  kind: 'amount',
  figures: ['receive'],
  main: 'inbound_mbps',
  fields: (read) => ({ inbound_mbps: inMbps(read, 'receive') }),
};

export const networkOut: NodeMetric<'network_out'> = {
  name: 'network_out',
  quantities: [transmit],
  kind: 'amount',
  figures: ['transmit'],
  main: 'outbound_mbps',
  fields: (read) => ({ outbound_mbps: inMbps(read, 'transmit') }),
};

export const networkBandwidth: NodeMetric<'network_bandwidth'> = {
  name: 'network_bandwidth',
  quantities: [receive, transmit],
  kind: 'amount',
  figures: ['receive', 'transmit'],
  main: 'total_mbps',
  fields: (read) => ({ total_mbps: inMbps(read, 'receive', 'transmit') }),
};
