import type { RangeRow, Row } from '../../ports.js';

/** One thing asked of the store: rows of an expression, told apart by the name of the figure. */
export interface Figure {
  readonly figure: string;
  readonly expr: string;
}

export type Figures = ReadonlyMap<string, readonly Row[]>;
export type RangeFigures = ReadonlyMap<string, readonly RangeRow[]>;

const label = 'figure';

/**
 * One expression that answers many figures: each is marked by a label and joined by `or`, so the
 * number of requests depends neither on the figures nor on the nodes. One alone stays as it is: the
 * marks cost the store up to half as much again.
 */
export function mergeFigures(figures: readonly Figure[]): string {
  const alone = onlyOf(figures);
  if (alone !== undefined) return alone.expr;
  return figures
    .map(({ figure, expr }) => `label_replace(${expr}, "${label}", "${figure}", "", "")`)
    .join(' or ');
}

/**
 * Takes apart what a store answered to these figures, merged; NaN and infinity are no measurement and
 * are left out.
 */
export function splitRows(rows: readonly Row[], asked: readonly Figure[]): Figures {
  return split(
    rows.filter(({ value }) => Number.isFinite(value)),
    asked,
  );
}

export function splitRangeRows(rows: readonly RangeRow[], asked: readonly Figure[]): RangeFigures {
  return split(rows, asked);
}

function onlyOf(figures: readonly Figure[]): Figure | undefined {
  return figures.length === 1 ? figures[0] : undefined;
}

function split<T extends { metric: Row['metric'] }>(
  rows: readonly T[],
  asked: readonly Figure[],
): Map<string, readonly T[]> {
  const alone = onlyOf(asked);
  if (alone !== undefined) return new Map(rows.length === 0 ? [] : [[alone.figure, rows]]);
  const figures = new Map<string, T[]>();
  for (const row of rows) {
    const figure = row.metric[label] ?? '';
    const group = figures.get(figure);
    if (group === undefined) figures.set(figure, [row]);
    else group.push(row);
  }
  return figures;
}
