import type { MetricFields } from '@bud-monitoring/contracts';
import type { Node } from '../../nodes/inventory.js';
import { meanTogether } from '../aggregate/presence.js';
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
  const fields = fieldsOf(own === undefined ? [] : [own]);
  return grid === null
    ? fields
    : { ...fields, time_series: toTimeSeries(own?.column, grid, form, 2) };
}

/** The fields of the sum over those nodes. */
export async function clusterPower(
  power: Power,
  nodes: readonly Node[],
  grid: Grid | null,
  form: SeriesForm,
): Promise<Fields> {
  const own = nodes.map((node) => power.nodes.get(node)).filter((one) => one !== undefined);
  const fields = fieldsOf(own);
  if (grid === null) return fields;
  const columns = own.flatMap(({ column }) => (column === null ? [] : [{ column, weight: 1 }]));
  const column = await clusterColumn(columns, 'amount', grid);
  return { ...fields, time_series: toTimeSeries(column, grid, form, 2) };
}

function fieldsOf(nodes: readonly NodePower[]): Fields {
  const now = nodes.map((node) => node.now);
  const before = nodes.map((node) => node.before).filter((energy) => energy !== null);
  const watts = wattsOf(now);
  const dram = sum(now.map(({ dramJoules }) => dramJoules));
  const joules = sum(now.map((energy) => energy.joules));
  const joulesBefore = sum(before.map((energy) => energy.joules));
  return {
    total_kwh: round(joules === null ? null : joules / kwh, 6),
    average_watts: round(watts),
    covered_seconds:
      joules === null ? null : Math.round(Math.max(...now.map(({ seconds }) => seconds))),
    unit: 'kWh',
    source: same(nodes.map(({ source }) => source.metric)),
    scope: same(nodes.map(({ source }) => source.scope)),
    estimated: nodes.some(({ source }) => source.estimated),
    dram_kwh: round(dram === null ? null : dram / kwh, 6),
    average: round(watts),
    previous_average: round(wattsOf(before)),
    change_percent: round(changeOf('amount', joules, joulesBefore)),
  };
}

/** Mean power of nodes together. */
const wattsOf = (energies: readonly Energy[]) => meanTogether(energies, ({ joules }) => joules);

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}

function same<T>(values: readonly T[]): T | 'mixed' | null {
  const [first, ...others] = new Set(values);
  if (first === undefined) return null;
  return others.length === 0 ? first : 'mixed';
}
