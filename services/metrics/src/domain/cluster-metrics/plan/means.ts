import type { Selection } from '../../metrics/index.js';
import type { Query } from '../../promql/queries.js';
import type { Probe } from '../../targets/probe.js';
import { aggregationOver } from '../../targets/range-aggregation.js';
import { blockFigures } from '../../time-base/blocks/block-figures.js';
import { rateWindows } from '../../time-base/rate-window.js';
import { day, type TimeRange } from '../../time/time-range.js';
import { splitRange, type RangeParts } from '../../time/window-parts.js';
import { alignedPoints, unfinishedStep, type Window } from '../../time/window.js';
import {
  byGroup,
  groupOfFigure,
  quantitiesOf,
  toQueries,
  type Group,
  type GroupedFigures,
} from './groups.js';
import { targetFigures } from './targets.js';

/** A part of a window, or many blocks that are equally long and read in one range query. */
export interface MeanPart {
  readonly range: TimeRange;
  /** The series, the window or the one before; `null` where the range may hold blocks of both windows. */
  readonly belongsTo: 'window' | 'previous' | 'series' | null;
  /** Seconds of each block in the range. */
  readonly unit: number;
  readonly queries: readonly Query[];
}

/** No mean over less (seconds): a window that has just begun is read a little wider. */
const [shortest] = rateWindows;

/** Means over the window and the one before. Full units that follow each other are read together. */
export function planMeans(probe: Probe, window: Window, selection: Selection): MeanPart[] {
  const both = (['previous', 'window'] as const).map((belongsTo) => {
    const range = atLeast(belongsTo === 'window' ? window : window.previous, shortest);
    return { belongsTo, ...splitRange(range, shortest) };
  });
  const edges = both.flatMap(({ belongsTo, edges, full }) =>
    edges.map((range): MeanPart => {
      const unit = range.end - range.start;
      const figures = figuresOf(probe, selection, unit);
      // Beside full units there is little left: one request.
      const together = full !== null && full.unit < day ? oneRequest : threeRequests;
      return { range, belongsTo, unit, queries: toQueries(figures, together, range.end) };
    }),
  );
  const full = adjoining(both.flatMap(({ full }) => full ?? [])).map((range): MeanPart => {
    const { start, end, unit } = range;
    const figures = figuresOf(probe, selection, unit);
    const at = { start: start + unit, end, step: unit };
    return { range, belongsTo: null, unit, queries: toQueries(figures, threeRequests, at) };
  });
  return [...edges, ...full];
}

/** Means over one range. */
export function planPart(
  probe: Probe,
  selection: Selection,
  range: TimeRange,
): Pick<MeanPart, 'range' | 'queries'> {
  const figures = figuresOf(probe, selection, range.end - range.start);
  return { range, queries: toQueries(figures, threeRequests, range.end) };
}

/** The points of a series whose step is longer than 5 minutes: means of the steps before them, the last perhaps unfinished. */
export function planSteps(probe: Probe, window: Window, selection: Selection): MeanPart[] {
  const points = alignedPoints(window);
  const { step: unit } = window;
  if (points === null || unit <= shortest) return [];
  const figures = figuresOf(probe, selection, unit);
  const at = { start: points.start, end: points.end, step: unit };
  const range = { start: points.start - unit, end: points.end };
  const queries = toQueries(figures, threeRequests, at);
  const rest = unfinishedStep(window);
  return [
    { range, belongsTo: 'series', unit, queries },
    ...(rest === null
      ? []
      : [
          {
            ...planPart(probe, selection, rest),
            belongsTo: 'series' as const,
            unit: rest.end - rest.start,
          },
        ]),
  ];
}

function figuresOf(probe: Probe, selection: Selection, unit: number): GroupedFigures[] {
  const { scope, semantics } = probe;
  const aggregation = aggregationOver(unit, probe.recorded);
  const byTarget = targetFigures(probe, selection, aggregation.recorded)(scope);
  return [
    ...byGroup(quantitiesOf(selection, scope), (quantity) => quantity.mean(scope, aggregation)),
    ...blockFigures(scope, byTarget, unit, semantics).map((figure): GroupedFigures => [
      groupOfFigure(figure.figure),
      [figure],
    ]),
  ];
}

/** Coverage is no load: it goes along with the gauges. CPU and network together are as much. */
const threeRequests = (group: Group) =>
  group === 'nodes' || group === 'gauges' ? 1 : group === 'power and gpu' ? 2 : 3;
const oneRequest = () => 1;

type Full = NonNullable<RangeParts['full']>;

/** Full units of two ranges in one, where no more than a unit lies between. */
function adjoining(ranges: readonly Full[]): Full[] {
  const [first, second] = ranges;
  if (first === undefined || second === undefined) return [...ranges];
  const isNear = second.start - first.end <= first.unit && first.unit === second.unit;
  return isNear ? [{ ...first, end: second.end }] : [first, second];
}

function atLeast({ start, end }: TimeRange, seconds: number): TimeRange {
  return { start: Math.min(start, end - seconds), end };
}
