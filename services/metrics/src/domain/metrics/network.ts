import type { Scope } from '../promql/scope.js';
import { coveredOf, nodeFamily } from '../targets/node-exporter.js';
import type { NodeMetric, Quantity, Read } from './types.js';
import { mbps, round } from '../units.js';

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
    reads: [name],
    rates: [id],
    now: (scope, moment) => [{ figure: id, expr: perNode(moment.rate(select(scope), nodeFamily)) }],
    mean: (scope, measure) => [
      {
        figure: id,
        expr: `sum by (instance) (${measure.growth(select(scope), nodeFamily)})`,
      },
    ],
    meanOf(read, covered) {
      const bytes = read(id);
      return bytes === null || covered <= 0 ? null : mbps(bytes / covered);
    },
    points(scope, at) {
      if (at.kind === 'moment') {
        return [{ figure: id, expr: toMbps(perNode(at.rate(select(scope), nodeFamily))) }];
      }
      const covered = coveredOf(scope, at);
      if (covered === null) return [];
      const bytes = `sum by (instance) (${at.growth(select(scope), nodeFamily)})`;
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

const inMbps = (read: Read, ...figures: string[]) => {
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
