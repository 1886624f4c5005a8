import type { RangeRow } from '../../../ports.js';
import { plausible } from '../../bounds.js';
import type { NodeMetric } from '../../metrics/types.js';
import type { Node } from '../../nodes/inventory.js';
import type { HeldSince } from '../../nodes/read-inventory.js';
import type { RangeFigures } from '../../promql/figure.js';
import { filled, onGrid, type Grid } from '../../promql/grid.js';
import { rateWindows } from '../../time-base/rate-window.js';
import { createPace, eachInTurns, mapInTurns } from '../../turns/pace.js';

/** The answers of the store over a range, and the points of the series that are made of them. */
interface Series {
  readonly range: RangeFigures;
  readonly grid: Grid;
}

/** The series of a metric by node: that of the instance that speaks for it, and what others know beside it. */
export async function nodeColumns(
  metric: NodeMetric,
  nodes: readonly Node[],
  series: Series,
  heldSince: HeldSince,
): Promise<Map<Node, Float64Array>> {
  const byInstance = await instanceColumns(metric, series);
  const columns = new Map<Node, Float64Array>();
  await eachInTurns(nodes, (node) => {
    const [first, ...others] = node.exporters
      .toSorted((a, b) => Number(b === node.instance) - Number(a === node.instance))
      .flatMap((instance) => since(byInstance.get(instance), heldSince(instance), series) ?? []);
    if (first !== undefined) columns.set(node, others.reduce(filled, first));
  });
  return columns;
}

/** The points of a column whose ranges begin at a time or later. */
function since(
  column: Float64Array | undefined,
  time: number,
  { grid: { start, step } }: Series,
): Float64Array | undefined {
  if (column === undefined || time === -Infinity) return column;
  const reach = Math.max(step, rateWindows[0]);
  return column.map((value, at) => (start + at * step - reach >= time ? value : NaN));
}

/** The series of a metric by instance: at each point the sum of its quantities', where all are known. */
async function instanceColumns(
  metric: NodeMetric,
  { range, grid }: Series,
): Promise<Map<string, Float64Array>> {
  const byInstance = new Map<string, Map<string, Float64Array>>();
  const pace = createPace();
  for (const [figure, rows] of range) {
    if (!metric.quantities.some(({ id }) => figure === id || figure.startsWith(`${id}:`))) continue;
    const add = (row: RangeRow) => {
      const instance = row.metric['instance'] ?? '';
      const own = byInstance.get(instance) ?? new Map<string, Float64Array>();
      const column = onGrid(row, grid);
      // A second target of the instance fills the gaps of the first.
      own.get(figure)?.forEach((value, at) => {
        if (!Number.isNaN(value)) column[at] = value;
      });
      byInstance.set(instance, own.set(figure, column));
    };
    await eachInTurns(rows, add, pace);
  }
  const valueAt = (own: ReadonlyMap<string, Float64Array>, at: number) => {
    const read = (figure: string) => {
      const value = own.get(figure)?.[at] ?? NaN;
      return Number.isNaN(value) ? null : value;
    };
    const values = metric.quantities.map((quantity) => quantity.meanOf(read) ?? NaN);
    const sum = values.reduce((all, value) => all + value, 0);
    return plausible(sum, metric.bounds) ?? NaN;
  };
  const columns = await mapInTurns(
    [...byInstance],
    ([instance, own]) => {
      const column = Float64Array.from({ length: grid.count }, (_, at) => valueAt(own, at));
      return [instance, column] as const;
    },
    pace,
  );
  return new Map(columns);
}
