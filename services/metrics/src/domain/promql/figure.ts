import type { RangeRow, Row } from '../../ports.js';
import { groupBy } from '../group-by.js';
import { maxExpressionLength } from './expression-limit.js';

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

/** An expression, and the figures that it answers. */
export interface MergedFigures {
  readonly expr: string;
  readonly figures: readonly Figure[];
}

/**
 * One expression that answers many figures: each is marked by a label and joined by `or`, so the
 * number of requests depends neither on the figures nor on the nodes. A single figure stays as it is:
 * marks cost the store up to half as much again. Where one would be longer than stores accept there are more,
 * and expressions of one figure stay together.
 */
export function mergeFigures(figures: readonly Figure[]): MergedFigures[] {
  const parts: Figure[][] = [];
  let length = Infinity;
  for (const own of groupBy(figures, ({ figure }) => figure).values()) {
    const added = own.reduce((sum, one) => sum + joint.length + marked(one).length, 0);
    length += added;
    const part = length <= maxExpressionLength ? parts.at(-1) : undefined;
    if (part !== undefined) part.push(...own);
    else {
      parts.push([...own]);
      length = added;
    }
  }
  return parts.map((part) => ({
    expr: singleOf(part)?.expr ?? part.map(marked).join(joint),
    figures: part,
  }));
}

const joint = ' or ';
const marked = ({ figure, expr }: Figure) =>
  `label_replace(${expr}, "${label}", "${figure}", "", "")`;

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
  return groupBy(rows, ({ metric }) => metric[label] ?? '');
}
