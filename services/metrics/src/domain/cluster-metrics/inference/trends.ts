import type { Labels, RangeRow } from '../../../ports.js';
import { percentBounds, plausible } from '../../bounds.js';
import { groupBy } from '../../group-by.js';
import type { InferenceEngine } from '../../metrics/inference/engine.js';
import {
  counterFields,
  figuresOfField,
  gaugeFields,
  inferenceEngines,
  type InferenceField,
} from '../../metrics/inference/figures.js';
import type { RangeFigures } from '../../promql/figure.js';
import { filled, onGrid, type Grid } from '../../promql/grid.js';
import { createPace, eachInTurns } from '../../turns/pace.js';
import { lengthOf, mergeTargets } from '../../time-base/blocks/target-block.js';
import type { TimeRange } from '../../time/time-range.js';
import { weightedMean } from '../aggregate/average.js';
import { clusterColumn } from '../aggregate/columns.js';
import { meanTogether, type Covered } from '../aggregate/presence.js';
import type { WindowPart } from '../aggregate/window-part.js';
import { modelKey, modelOf } from './served-models.js';

/** A field of a model on one instance, over a window. */
interface Mean extends Covered {
  sum: number;
  seconds: number;
  readonly present: TimeRange[];
  interval: number;
}

/** A field of a model on one instance. */
interface Trend {
  readonly engine: InferenceEngine;
  readonly field: InferenceField;
  /** As `modelKey` of the model. */
  readonly model: string;
  readonly window: Mean;
  readonly previous: Mean;
  column: Float64Array | null;
}

/** What servers of models did over the windows. */
export interface InferenceTrends {
  /** Those of a field, of one model or (`null`) of all. */
  readonly of: (field: InferenceField, model: string | null) => readonly Trend[];
  readonly grid: Grid | null;
}

/** A field of some instances together. */
export interface FieldTrend {
  readonly average: number | null;
  readonly before: number | null;
  readonly column: Float64Array | null;
}

/** Joins what the windows say by instance and model: by gateways only where no server is seen. */
export async function inferenceTrends(
  parts: { readonly window: readonly WindowPart[]; readonly previous: readonly WindowPart[] },
  series: { readonly range: RangeFigures; readonly grid: Grid } | null,
): Promise<InferenceTrends> {
  const trends = new Map<string, Trend>();
  const pace = createPace();
  for (const engine of inferenceEngines) {
    if (engine.isGateway === true && trends.size > 0) break;
    const ofEngine = `inference:${engine.server}:`;
    for (const field of [...gaugeFields, ...counterFields]) {
      const figures = figuresOfField(engine, field);
      /** The trend of a series; null where another server said the same before. */
      const trendOf = (metric: Labels): Trend | null => {
        const model = modelOf(metric, engine);
        const key = JSON.stringify([field, metric['instance'], model]);
        const known = trends.get(key) ?? newTrend(engine, field, modelKey(engine, metric));
        trends.set(key, known);
        return known.engine === engine ? known : null;
      };
      for (const belongsTo of ['window', 'previous'] as const)
        for (const { targets } of parts[belongsTo]) {
          const own = [...targets].flatMap(([id, all]) => (id.startsWith(ofEngine) ? all : []));
          const blocks = figures.flatMap((figure) =>
            own.flatMap((block) => {
              const value = block.values.get(figure);
              return value === undefined ? [] : [{ ...block, values: new Map([[field, value]]) }];
            }),
          );
          await eachInTurns(
            groupBy(blocks, ({ metric }) => trendOf(metric)),
            ([trend, several]) => {
              const block = mergeTargets(several);
              const value = block?.values.get(field);
              if (trend === null || block === null || value === undefined) return;
              addBlock(trend[belongsTo], value, block);
            },
            pace,
          );
        }
      for (const rows of figures.map((figure) => series?.range.get(figure) ?? [])) {
        if (series === null) continue;
        const add = (row: RangeRow) => {
          const trend = trendOf(row.metric);
          if (trend === null) return;
          const column = onGrid(row, series.grid);
          trend.column = trend.column === null ? column : filled(trend.column, column);
        };
        await eachInTurns(rows, add, pace);
      }
    }
  }
  const ofField = groupBy(trends.values(), ({ field }) => field);
  const ofModel = groupBy(trends.values(), ({ field, model }) => `${field} ${model}`);
  return {
    of: (field, model) =>
      (model === null ? ofField.get(field) : ofModel.get(`${field} ${model}`)) ?? [],
    grid: series?.grid ?? null,
  };
}

/** A field of a model, or of all of them: amounts are added up, shares of a cache are their mean. */
export async function trendOfField(
  { of, grid }: InferenceTrends,
  field: InferenceField,
  model: string | null,
): Promise<FieldTrend> {
  const own = of(field, model);
  const isShare = field === 'cache';
  const meanOf = (windows: readonly Mean[]) => {
    if (!isShare) return meanTogether(windows, ({ sum }) => sum);
    const mean = weightedMean(
      windows.filter(({ seconds }) => seconds > 0),
      ({ sum, seconds }) => sum / seconds,
      ({ seconds }) => seconds,
    );
    return mean === null ? null : plausible(100 * mean, percentBounds);
  };
  const columns = own.flatMap(({ column }) => (column === null ? [] : [{ column, weight: 1 }]));
  const column = grid && (await clusterColumn(columns, isShare ? 'share' : 'amount', grid));
  return {
    average: meanOf(own.map(({ window }) => window)),
    before: meanOf(own.map(({ previous }) => previous)),
    column: isShare
      ? (column?.map((share) => plausible(100 * share, percentBounds) ?? NaN) ?? null)
      : column,
  };
}

function addBlock(
  mean: Mean,
  value: number,
  block: Pick<Covered, 'present' | 'interval'> & { readonly runs: readonly TimeRange[] },
): void {
  const seconds = lengthOf(block.runs);
  mean.sum += value * seconds;
  mean.seconds += seconds;
  mean.present.push(...block.present);
  mean.interval = Math.max(mean.interval, block.interval);
}

function newTrend(engine: InferenceEngine, field: InferenceField, model: string): Trend {
  const none = (): Mean => ({ sum: 0, seconds: 0, present: [], interval: 0 });
  return { engine, field, model, window: none(), previous: none(), column: null };
}
