import type { MetricFields } from '@bud-monitoring/contracts';
import type { Node } from '../../nodes/inventory.js';
import type { Grid } from '../../promql/grid.js';
import { kwh, round } from '../../units.js';
import { changeOf } from '../aggregate/average.js';
import { clusterColumn } from '../aggregate/columns.js';
import type { Energy, NodePower, Power } from '../aggregate/power.js';
import { toTimeSeries, type SeriesForm } from './time-series.js';

type Fields = MetricFields<'power'>;

/** The fields of one node. */
export function nodePower(power: Power, node: Node, grid: Grid | null, form: SeriesForm): Fields {
  const own = power.nodes.get(node);
  const fields = fieldsOf(own === undefined ? [] : [own], own?.now.seconds ?? 0);
  return grid === null
    ? fields
    : { ...fields, time_series: toTimeSeries(own?.column, grid, form, 2) };
}

/** The fields of the sum over those nodes. */
export function clusterPower(
  power: Power,
  nodes: readonly Node[],
  grid: Grid | null,
  form: SeriesForm,
): Fields {
  const own = nodes.map((node) => power.nodes.get(node)).filter((one) => one !== undefined);
  const fields = fieldsOf(own, Math.max(0, ...own.map(({ now }) => now.seconds)));
  if (grid === null) return fields;
  const columns = own.flatMap(({ column }) => (column === null ? [] : [{ column, weight: 1 }]));
  const column = columns.length === 0 ? null : clusterColumn(columns, 'amount', grid);
  return { ...fields, time_series: toTimeSeries(column, grid, form, 2) };
}

function fieldsOf(nodes: readonly NodePower[], seconds: number): Fields {
  const energy = sum(nodes, ({ now }) => now);
  const before = sum(nodes, (node) => node.before);
  const watts = energy === null || seconds <= 0 ? null : energy.joules / seconds;
  const beforeSeconds = Math.max(0, ...nodes.map((node) => node.before?.seconds ?? 0));
  return {
    total_kwh: round(energy && energy.joules / kwh, 6),
    average_watts: round(watts),
    covered_seconds: energy === null ? null : Math.round(seconds),
    unit: 'kWh',
    source: same(nodes.map(({ source }) => source.metric)),
    scope: same(nodes.map(({ source }) => source.scope)),
    estimated: nodes.some(({ source }) => source.estimated),
    dram_kwh: round(energy?.dramJoules == null ? null : energy.dramJoules / kwh, 6),
    average: round(watts),
    previous_average: round(
      before === null || beforeSeconds === 0 ? null : before.joules / beforeSeconds,
    ),
    change_percent: round(changeOf('amount', energy?.joules ?? null, before?.joules ?? null)),
  };
}

function sum(nodes: readonly NodePower[], of: (node: NodePower) => Energy | null): Energy | null {
  const energies = nodes.map(of).filter((energy) => energy !== null);
  if (energies.length === 0) return null;
  const dram = energies.map(({ dramJoules }) => dramJoules).filter((joules) => joules !== null);
  return {
    joules: energies.reduce((total, { joules }) => total + joules, 0),
    seconds: 0,
    dramJoules: dram.length === 0 ? null : dram.reduce((total, joules) => total + joules, 0),
  };
}

function same<T>(values: readonly T[]): T | 'mixed' | null {
  const [first, ...others] = new Set(values);
  if (first === undefined) return null;
  return others.length === 0 ? first : 'mixed';
}
