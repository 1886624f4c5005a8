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
 * number of requests depends neither on the figures nor on the nodes.
 */
export function mergeFigures(figures: readonly Figure[]): string {
  return figures
    .map(({ figure, expr }) => `label_replace(${expr}, "${label}", "${figure}", "", "")`)
    .join(' or ');
}

/** Takes a merged answer apart; NaN and infinity are no measurement and are left out. */
export function splitRows(rows: readonly Row[]): Figures {
  return split(rows.filter(({ value }) => Number.isFinite(value)));
}

export function splitRangeRows(rows: readonly RangeRow[]): RangeFigures {
  return split(rows);
}

function split<T extends { metric: Row['metric'] }>(rows: readonly T[]): Map<string, T[]> {
  const figures = new Map<string, T[]>();
  for (const row of rows) {
    const figure = row.metric[label] ?? '';
    const group = figures.get(figure);
    if (group === undefined) figures.set(figure, [row]);
    else group.push(row);
  }
  return figures;
}
