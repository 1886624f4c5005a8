import type { RangeRow, Row } from '../../ports.js';

/** One expression sent to the store, whose rows are known by the name of the figure. */
export interface Figure {
  readonly figure: string;
  readonly expr: string;
}

export type Figures = ReadonlyMap<string, readonly Row[]>;
export type RangeFigures = ReadonlyMap<string, readonly RangeRow[]>;

/** Reads a figure of one node, or the sum over the nodes; `null` where there is none. */
export type FigureReader = (figure: string) => number | null;

const label = 'figure';

/**
 * One expression that answers many figures: each is marked by a label and joined by `or`, so the
 * number of requests depends neither on the figures nor on the nodes. A single figure stays as it is:
 * marks cost the store up to half as much again.
 */
export function mergeFigures(figures: readonly Figure[]): string {
  const single = singleOf(figures);
  if (single !== undefined) return single.expr;
  return figures
    .map(({ figure, expr }) => `label_replace(${expr}, "${label}", "${figure}", "", "")`)
    .join(' or ');
}

/** Splits the answer to merged figures; NaN and infinity are no measurements and are left out. */
export function splitRows(rows: readonly Row[], sent: readonly Figure[]): Figures {
  return split(
    rows.filter(({ value }) => Number.isFinite(value)),
    sent,
  );
}

/** Splits the answer of a range query to merged figures. */
export function splitRangeRows(rows: readonly RangeRow[], sent: readonly Figure[]): RangeFigures {
  return split(rows, sent);
}

function singleOf(figures: readonly Figure[]): Figure | undefined {
  return figures.length === 1 ? figures[0] : undefined;
}

function split<T extends { metric: Row['metric'] }>(
  rows: readonly T[],
  sent: readonly Figure[],
): Map<string, readonly T[]> {
  const single = singleOf(sent);
  if (single !== undefined) return new Map(rows.length === 0 ? [] : [[single.figure, rows]]);
  const figures = new Map<string, T[]>();
  for (const row of rows) {
    const figure = row.metric[label] ?? '';
    const group = figures.get(figure);
    if (group === undefined) figures.set(figure, [row]);
    else group.push(row);
  }
  return figures;
}
