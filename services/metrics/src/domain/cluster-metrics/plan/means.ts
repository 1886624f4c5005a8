import type { Selection } from '../../metrics/index.js';
import {
  clusterCoveredOf,
  coveredOf,
  edgeFigures,
  heartbeatFigures,
  nodeFamily,
} from '../../targets/node-exporter.js';
import { gpuMean, gpuNow, gpuPoints } from '../../metrics/gpu.js';
import { powerMean, powerPoints } from '../../metrics/power.js';
import type { Quantity } from '../../metrics/types.js';
import { workloadFigures } from '../../metrics/workloads.js';
import { presentFigures } from '../../nodes/node-info.js';
import type { Query } from '../../promql/queries.js';
import type { Figure } from '../../promql/figure.js';
import {
  measureBefore,
  measureOfStep,
  momentAt,
  momentsOf,
  type Intervals,
  type Measure,
  type MeasureOptions,
  type Moment,
} from '../../targets/range-aggregation.js';
import type { Probe } from '../../targets/probe.js';
import type { Scope } from '../../promql/scope.js';
import { leastTileMs, shortestRateMs } from '../../targets/aligned-blocks.js';
import {
  alignedPoints,
  day,
  piecesOf,
  type Pieces,
  type Span,
  type Window,
} from '../../time/window.js';

/** What is asked together; heavy things apart, so that they run side by side. */
export type Group = 'nodes' | 'gauges' | 'cpu' | 'network' | 'power and gpu';

/** Figures at the end of the window. */
export function planNow(probe: Probe, window: Window, selection: Selection): Query[] {
  const { scope } = probe;
  const intervals: Intervals = (family) => probe.intervalMs(family, window.end);
  const moment = momentAt(intervals);
  const quantities = quantitiesOf(selection, probe.scope);
  const groups: [Group, Figure[]][] = [
    ['nodes', heartbeatFigures(scope, moment)],
    ['nodes', edgeFigures(scope, shortestRateMs(intervals(nodeFamily)))],
    ['nodes', presentFigures(scope, moment)],
    ...perGroup(quantities, (quantity) => quantity.now(scope, moment)),
    ['power and gpu', gpuNow(scope, moment, selection.gpuVendors)],
  ];
  if (selection.workloads) groups.push(['nodes', workloadFigures(scope)]);
  // What is cheap at a moment is one request: only CPU is apart.
  return joined(groups, (group) => (group === 'cpu' ? 'cpu' : 'nodes'), window.end);
}

/** The same for the span itself and the one before: a list per piece of each. */
export interface MeanPlan {
  readonly pieces: readonly MeanPiece[];
}

/** A piece of a span, or many that are equally long and asked in one range query. */
export interface MeanPiece {
  readonly span: Span;
  /** Of the window or of the one before; `null` where the span may hold pieces of both. */
  readonly part: 'window' | 'previous' | null;
  /** Seconds of each piece in the span. */
  readonly unit: number;
  readonly queries: readonly Query[];
}

/** Means over the window and the one before. Full units that follow each other are asked together. */
export function planMeans(probe: Probe, window: Window, selection: Selection): MeanPlan {
  const quantities = quantitiesOf(selection, probe.scope);
  const shortest = shortestRateMs(probe.intervalMs(nodeFamily, window.end)) / 1000;
  const both = (['previous', 'window'] as const).map((part) => ({
    part,
    ...piecesOf(atLeast(part === 'window' ? window : window.previous, shortest), shortest),
  }));
  const figuresOf = (measure: Measure): [Group, Figure[]][] => [
    ['nodes', coveredFigures(probe, measure)],
    ...perGroup(quantities, (quantity) => quantity.mean(probe.scope, measure)),
    ['power and gpu', selection.power ? powerMean(probe.scope, measure) : []],
    ['power and gpu', gpuMean(probe.scope, measure, selection.gpuVendors)],
  ];
  const edges = both.flatMap(({ part, edges, full }) =>
    edges.map((span): MeanPiece => {
      const length = (span.end - span.start) * 1000;
      const measure = measureBefore(span.end * 1000, length, optionsOf(probe, span));
      // Beside full units there is little left: one request.
      const together = full !== null && full.unit < day ? oneRequest : threeRequests;
      const queries = joined(figuresOf(measure), together, span.end);
      return { span, part, unit: span.end - span.start, queries };
    }),
  );
  const leastMs = leastTileMs(1000 * (window.end - window.start));
  const full = adjoining(both.flatMap(({ full }) => full ?? [])).map((span): MeanPiece => {
    const { start, end, unit } = span;
    const measure = measureOfStep(unit * 1000, optionsOf(probe, span), leastMs);
    const at = { start: start + unit, end, step: unit };
    return { span, part: null, unit, queries: joined(figuresOf(measure), threeRequests, at) };
  });
  return { pieces: [...edges, ...full] };
}

/** Coverage is no load: it goes along with the gauges. CPU and network together are as much. */
const threeRequests = (group: Group) =>
  group === 'nodes' || group === 'gauges' ? 1 : group === 'power and gpu' ? 2 : 3;
const oneRequest = () => 1;

type Full = NonNullable<Pieces['full']>;

/** Full units of two spans in one, where no more than a unit lies between. */
function adjoining(spans: readonly Full[]): Full[] {
  const [first, second] = spans;
  if (first === undefined || second === undefined) return [...spans];
  const near = second.start - first.end <= first.unit && first.unit === second.unit;
  return near ? [{ ...first, end: second.end }] : [first, second];
}

/** The series; `null` where the window holds no point of the step. */
export function planSeries(probe: Probe, window: Window, selection: Selection): Query[] {
  const points = alignedPoints(window);
  if (points === null) return [];
  const { scope } = probe;
  const stepMs = window.step * 1000;
  const at: Moment | Measure =
    window.step > 300
      ? measureOfStep(
          stepMs,
          optionsOf(probe, points),
          leastTileMs(1000 * (window.end - window.start)),
        )
      : momentsOf(stepMs, optionsOf(probe, points).intervals);
  const groups: [Group, Figure[]][] = [
    ...perGroup(quantitiesOf(selection, scope), (quantity) => quantity.points(scope, at)),
    ['power and gpu', selection.power ? powerPoints(scope, at) : []],
    ['power and gpu', gpuPoints(scope, at, selection.gpuVendors)],
  ];
  return joined(groups, (group) => group, { ...points, step: window.step });
}

/** Any node was seen when one of the sample was, or for as long as one node alone was. */
function coveredFigures({ scope, sample }: Probe, measure: Measure): Figure[] {
  const covered = coveredOf(scope, measure);
  const cluster = clusterCoveredOf(sample, measure);
  if (covered === null || cluster === null) return [];
  return [
    { figure: 'covered', expr: covered },
    { figure: 'covered:cluster', expr: cluster },
  ];
}

/** Of a quantity whose metrics the cluster lacks nothing is asked. */
function quantitiesOf(selection: Selection, scope: Scope): Quantity[] {
  const all = new Set(selection.nodeMetrics.flatMap(({ quantities }) => quantities));
  return [...all].filter(({ reads }) => reads.some((name) => scope.has(name)));
}

const groupOf: Readonly<Record<string, Group>> = {
  memory: 'gauges',
  storage: 'gauges',
  cpu: 'cpu',
  receive: 'network',
  transmit: 'network',
};

function perGroup(
  quantities: readonly Quantity[],
  figures: (quantity: Quantity) => Figure[],
): [Group, Figure[]][] {
  return quantities.map((quantity) => [groupOf[quantity.id] ?? 'gauges', figures(quantity)]);
}

/** A request for each number that `together` gives a group; it is named by all groups in it. */
function joined(
  groups: readonly [Group, Figure[]][],
  together: (group: Group) => unknown,
  at: Query['at'],
): Query[] {
  const merged = new Map<unknown, { names: Set<Group>; figures: Figure[] }>();
  for (const [group, figures] of groups) {
    if (figures.length === 0) continue;
    const request = merged.get(together(group)) ?? { names: new Set(), figures: [] };
    request.names.add(group);
    request.figures.push(...figures);
    merged.set(together(group), request);
  }
  return [...merged.values()].map(({ names, figures }) => ({
    group: [...names].join(', '),
    figures,
    at,
  }));
}

/** One expression must do for all of a span: its rates reach over the longest interval in it. */
function optionsOf(probe: Probe, span: Span): MeasureOptions {
  return {
    intervals: (family) => probe.widestMs(family, span),
    even: (family) => probe.isEven(family, span),
    recorded: probe.recorded,
    rates: probe.rates,
  };
}

/** No mean over less than a rate needs: a window that has just begun is measured a little wider. */
function atLeast({ start, end }: Span, seconds: number): Span {
  return { start: Math.min(start, end - seconds), end };
}
