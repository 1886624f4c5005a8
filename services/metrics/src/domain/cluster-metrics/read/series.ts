import type { Labels, MetricSource, RangeRow } from '../../../ports.js';
import { gpuIdentity } from '../../metrics/gpu.js';
import type { Figures, RangeFigures } from '../../promql/figure.js';
import { createLabelsKey } from '../../promql/labels.js';
import { mergeResults, runQueries, type QueryResults } from '../../promql/queries.js';
import { mergeTargets, type TargetBlock } from '../../time-base/blocks/target-block.js';
import { nodeExporterGroup } from '../../targets/node-exporter.js';
import { readRatePoints } from '../../time-base/rate-points.js';
import { alignedPoints } from '../../time/window.js';
import { planPoints } from '../plan/series.js';
import { targetFigures } from '../plan/targets.js';
import type { Block, PartResults } from './blocks.js';
import { newestReach, type KnownSamples, type ReadRequest } from './request.js';

/** The points of the series: steps that were read as blocks, else rates and gauges at each point. */
export async function readSeries(
  source: MetricSource,
  request: ReadRequest,
  read: KnownSamples & { blocks: readonly Block[]; steps: readonly PartResults[] },
): Promise<QueryResults> {
  const [steps, rest] = read.steps;
  if (steps !== undefined) {
    const gauges =
      rest === undefined
        ? steps.results.range
        : withLast(steps.results.range, rest.results.instant, rest.part.range.end);
    const results = rest === undefined ? steps.results : mergeResults(steps.results, rest.results);
    return { ...results, range: new Map([...gauges, ...rowsOfBlocks(read.blocks)]) };
  }
  const { probe, window, selection, signal } = request;
  const points = alignedPoints(window);
  const { scope, semantics } = probe;
  const figuresOf = targetFigures(probe, selection);
  const countersOf: typeof figuresOf extends (scope: infer S) => unknown
    ? (own: S) => ReturnType<typeof figuresOf>['counters']
    : never = (own) => figuresOf(own).counters.filter(({ figure }) => !/^(gpu|dram):/.test(figure));
  const gauges = await runQueries(source, planPoints(probe, window, selection), signal);
  if (points === null) return gauges;
  const { times, newest } = read;
  const known = [
    ...(times === null ? [] : [{ targets: times.targets, start: times.span.start - newestReach }]),
    { targets: newest, start: window.end - newestReach },
  ];
  const figures = countersOf(scope);
  try {
    const rates = await readRatePoints(source, {
      scope,
      figuresOf: countersOf,
      points: { ...points, step: window.step },
      known,
      semantics,
      signal,
    });
    const range = new Map([...gauges.range, ...rates.figures]);
    return { ...gauges, range, sent: gauges.sent + rates.sent };
  } catch (error) {
    signal.throwIfAborted();
    const names = figures.map(({ figure }) => figure);
    const failure = { group: 'cpu, network, power', figures: names, error };
    return { ...gauges, failures: [...gauges.failures, failure], sent: gauges.sent + 1 };
  }
}

/** Rows, each with the value that its series has at a later time. */
function withLast(range: RangeFigures, instant: Figures, time: number): RangeFigures {
  const keyOf = createLabelsKey(() => true);
  return new Map(
    [...new Set([...range.keys(), ...instant.keys()])].map((figure) => {
      const rows = new Map((range.get(figure) ?? []).map((row) => [keyOf(row.metric), row]));
      for (const { metric, value } of instant.get(figure) ?? []) {
        const { times = [], values = [] } = rows.get(keyOf(metric)) ?? {};
        rows.set(keyOf(metric), {
          metric,
          times: [...times, time],
          values: [...values, value],
        });
      }
      return [figure, [...rows.values()]];
    }),
  );
}

/** What a target of a group speaks of: a node, a device however its exporter names who has it, or what its labels say. */
function thingOf(id: string, metric: Labels): string {
  if (id === nodeExporterGroup) return metric['instance'] ?? '';
  const labels = id.startsWith('gpu:') ? gpuIdentity(metric) : metric;
  return JSON.stringify(labels);
}

/** Values of blocks as rows: of several targets of one thing, one. */
function rowsOfBlocks(blocks: readonly Block[]): RangeFigures {
  const figures = new Map<string, Map<string, RangeRow & { times: number[]; values: number[] }>>();
  for (const { range, belongsTo, targets } of blocks) {
    if (belongsTo !== 'series') continue;
    for (const [id, own] of targets) {
      const things = new Map<string, TargetBlock[]>();
      for (const target of own) {
        const name = thingOf(id, target.metric);
        things.set(name, [...(things.get(name) ?? []), target]);
      }
      for (const [name, several] of things) {
        const metric = several[0]?.metric ?? {};
        for (const [figure, value] of mergeTargets(several)?.values ?? []) {
          const rows =
            figures.get(figure) ??
            new Map<string, RangeRow & { times: number[]; values: number[] }>();
          const row = rows.get(name) ?? { metric, times: [], values: [] };
          row.times.push(range.end);
          row.values.push(value);
          figures.set(figure, rows.set(name, row));
        }
      }
    }
  }
  return new Map([...figures].map(([figure, rows]) => [figure, [...rows.values()]]));
}
