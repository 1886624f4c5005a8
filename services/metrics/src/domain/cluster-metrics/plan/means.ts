import { gpuMean } from '../../metrics/gpu.js';
import type { Selection } from '../../metrics/index.js';
import { powerMean } from '../../metrics/power.js';
import type { Figure } from '../../promql/figure.js';
import type { Query } from '../../promql/queries.js';
import { shortestBlockMs } from '../../targets/aligned-blocks.js';
import {
  clusterCoveredSeconds,
  nodeCoveredSeconds,
  nodeExporterGroup,
} from '../../targets/node-exporter.js';
import type { Probe } from '../../targets/probe.js';
import {
  aggregationBefore,
  aggregationOfStep,
  type RangeAggregation,
} from '../../targets/range-aggregation.js';
import { shortestRateWindowMs } from '../../targets/rate-window.js';
import { day, type TimeRange } from '../../time/time-range.js';
import { splitRange, type RangeParts } from '../../time/window-parts.js';
import type { Window } from '../../time/window.js';
import {
  aggregationOptions,
  byGroup,
  quantitiesOf,
  toQueries,
  type Group,
  type GroupedFigures,
} from './groups.js';

/** A part of a window, or many that are equally long and read in one range query. */
export interface MeanPart {
  readonly range: TimeRange;
  /** Of the window or of the one before; `null` where the range may hold parts of both. */
  readonly belongsTo: 'window' | 'previous' | null;
  /** Seconds of each part in the range. */
  readonly unit: number;
  readonly queries: readonly Query[];
}

/** Means over the window and the one before. Full units that follow each other are read together. */
export function planMeans(probe: Probe, window: Window, selection: Selection): MeanPart[] {
  const quantities = quantitiesOf(selection, probe.scope);
  const shortest = shortestRateWindowMs(probe.intervalMs(nodeExporterGroup, window.end)) / 1000;
  const both = (['previous', 'window'] as const).map((belongsTo) => {
    const range = atLeast(belongsTo === 'window' ? window : window.previous, shortest);
    return { belongsTo, ...splitRange(range, shortest) };
  });
  const figuresOf = (aggregation: RangeAggregation): GroupedFigures[] => [
    ['nodes', coveredFigures(probe, aggregation)],
    ...byGroup(quantities, (quantity) => quantity.mean(probe.scope, aggregation)),
    ['power and gpu', selection.power ? powerMean(probe.scope, aggregation) : []],
    ['power and gpu', gpuMean(probe.scope, aggregation, selection.gpuVendors)],
  ];
  const edges = both.flatMap(({ belongsTo, edges, full }) =>
    edges.map((range): MeanPart => {
      const unit = range.end - range.start;
      const options = aggregationOptions(probe, range);
      const aggregation = aggregationBefore(range.end * 1000, unit * 1000, options);
      // Beside full units there is little left: one request.
      const together = full !== null && full.unit < day ? oneRequest : threeRequests;
      const queries = toQueries(figuresOf(aggregation), together, range.end);
      return { range, belongsTo, unit, queries };
    }),
  );
  const leastMs = shortestBlockMs(1000 * (window.end - window.start));
  const full = adjoining(both.flatMap(({ full }) => full ?? [])).map((range): MeanPart => {
    const { start, end, unit } = range;
    const options = aggregationOptions(probe, range);
    const aggregation = aggregationOfStep(unit * 1000, options, leastMs);
    const at = { start: start + unit, end, step: unit };
    const queries = toQueries(figuresOf(aggregation), threeRequests, at);
    return { range, belongsTo: null, unit, queries };
  });
  return [...edges, ...full];
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

/** Any node was seen when one of the sample was, or for as long as one node alone was. */
function coveredFigures({ scope, sample }: Probe, aggregation: RangeAggregation): Figure[] {
  const covered = nodeCoveredSeconds(scope, aggregation);
  const cluster = clusterCoveredSeconds(sample, aggregation);
  if (covered === null || cluster === null) return [];
  return [
    { figure: 'covered', expr: covered },
    { figure: 'covered:cluster', expr: cluster },
  ];
}

/** No mean over less than a rate needs: a window that has just begun is read a little wider. */
function atLeast({ start, end }: TimeRange, seconds: number): TimeRange {
  return { start: Math.min(start, end - seconds), end };
}
