import type { Figure } from '../../promql/figure.js';
import type { Scope } from '../../promql/scope.js';
import type { InstantReading } from '../../targets/instant-reading.js';
import type { TargetFigures } from '../../time-base/blocks/block-figures.js';
import type { CounterFigure } from '../../time-base/counter-figure.js';
import { rangeOf } from '../../time-base/growth.js';
import type { TargetGroup } from '../../time-base/target-group.js';
import type { CounterField, GaugeField, InferenceEngine, LatencyField } from './engine.js';
import { gateways } from './gateways.js';
import { modelServers } from './servers.js';

/** Servers first, then what stands before them. */
export const inferenceEngines: readonly InferenceEngine[] = [...modelServers, ...gateways];

export const gaugeFields = ['running', 'waiting', 'cache'] as const;
export const counterFields = ['inputTokens', 'outputTokens', 'requests', 'errors'] as const;
export const latencyFields = ['firstToken', 'betweenTokens'] as const;
export type InferenceField = GaugeField | CounterField;

/** Regular expressions of the names of all metrics of inference, one for each engine. */
export const inferenceMetricNames: readonly string[] = inferenceEngines.map((engine) => {
  const { prefixes, gauges, counters, latencies } = engine;
  const names = [
    ...[...Object.values(gauges), ...Object.values(counters)].flat().map(({ metric }) => metric),
    ...Object.values(latencies).flatMap((all) => all.map(({ metric }) => `${metric}_bucket`)),
  ];
  return `(${prefixes.join('|')})(${[...new Set(names)].join('|')})`;
});

/** Name of the figure of a field: of several readings, by their order. */
export const inferenceFigure = (
  { server }: InferenceEngine,
  field: InferenceField | LatencyField,
  order = 0,
) => `inference:${server}:${field}:${order}`;

/** The figures that a field may have, the first reading first. */
export function figuresOfField(engine: InferenceEngine, field: InferenceField): string[] {
  const { gauges, counters, prefixes } = engine;
  const all: Partial<Record<InferenceField, readonly unknown[]>> = { ...gauges, ...counters };
  const count = (all[field]?.length ?? 0) * prefixes.length;
  return Array.from({ length: count }, (_, order) => inferenceFigure(engine, field, order));
}

/** Labels that are no part of what identifies a target. */
const inside = ({ parts, copies = [] }: InferenceEngine) => [...parts, ...copies];

/** Parts added up, or their mean, after what is the same of several. */
function overParts(engine: InferenceEngine, how: 'sum' | 'avg', expr: string): string {
  const { copies = [] } = engine;
  const once = copies.length === 0 ? expr : `max without (${copies.join(', ')}) (${expr})`;
  return `${how} without (${inside(engine).join(', ')}) (${once})`;
}

/** The readings of a field that a cluster has, under each prefix: by their order. */
function readingsOf<T extends { readonly metric: string }>(
  scope: Scope,
  { prefixes }: InferenceEngine,
  readings: readonly T[] = [],
  suffix = '',
) {
  return readings
    .flatMap((one) => prefixes.map((prefix) => ({ ...one, name: prefix + one.metric + suffix })))
    .filter(({ name }) => scope.has(name))
    .map((one, order, all) => ({ ...one, order, isOnly: all.length === 1 }));
}

/** The gauges that a cluster has. */
function gaugesOf(scope: Scope) {
  return inferenceEngines.flatMap((engine) =>
    gaugeFields.flatMap((field) =>
      readingsOf(scope, engine, engine.gauges[field]).map(
        ({ name, matchers = [], order, isOnly }) => {
          const figure = inferenceFigure(engine, field, order);
          const selected = scope.select(name, ...matchers);
          return {
            figure,
            group: groupOf(engine, figure, name, isOnly),
            expr: (read: (selected: string) => string) =>
              overParts(engine, field === 'cache' ? 'avg' : 'sum', read(selected)),
          };
        },
      ),
    ),
  );
}

/** The instances and models that have a metric, a target each. A metric that follows another has times of its own. */
function groupOf(
  engine: InferenceEngine,
  id: string,
  metric: string,
  isOnly: boolean,
): TargetGroup {
  return {
    id,
    metric,
    matchers: [],
    labels: { without: inside(engine) },
    things: ['instance', ...engine.models],
    ...(isOnly && { family: engine.server }),
  };
}

/** Requests and use of the cache at an instant, a row for each instance and model. */
export function inferenceGauges(scope: Scope, { latest }: InstantReading): Figure[] {
  return gaugesOf(scope).map(({ figure, expr }) => ({ figure, expr: expr(latest) }));
}

/** Means of the gauges and growth of the counters over ranges, by instance and model. */
export function inferenceTargets(scope: Scope): TargetFigures {
  const gauges = gaugesOf(scope).map(({ figure, group, expr }) => ({
    figure,
    group,
    expr: (seconds: number) => expr((selected) => `avg_over_time(${selected}${rangeOf(seconds)})`),
  }));
  return { counters: inferenceCounters(scope), gauges };
}

/** Tokens and requests, by the growth of their counters. */
export function inferenceCounters(scope: Scope): CounterFigure[] {
  return inferenceEngines.flatMap((engine) =>
    counterFields.flatMap((field) =>
      readingsOf(scope, engine, engine.counters[field]).map(
        ({ name, matchers = [], order, isOnly }) => {
          const figure = inferenceFigure(engine, field, order);
          const selected = scope.select(name, ...matchers);
          return {
            figure,
            group: groupOf(engine, figure, name, isOnly),
            expr: (of) => overParts(engine, 'sum', of(selected)),
          } satisfies CounterFigure;
        },
      ),
    ),
  );
}

/**
 * Growth of the buckets of a latency over the seconds before the end, of each instance of a model: by its first
 * reading, and once however many targets say it.
 */
export function latencyBuckets(scope: Scope, seconds: number): Figure[] {
  return inferenceEngines.flatMap((engine) =>
    latencyFields.flatMap((field) => {
      const readings = readingsOf(scope, engine, engine.latencies[field], '_bucket');
      if (readings.length === 0) return [];
      const identity = ['instance', 'namespace', ...engine.models, 'le'];
      const parts = `max by (${[...identity, ...engine.parts].join(', ')})`;
      const each = readings.map(({ name, matchers = [] }) => {
        const grown = `increase(${scope.select(name, ...matchers)}${rangeOf(seconds)})`;
        return `sum by (${identity.join(', ')}) (${parts} (${grown}))`;
      });
      const [first = '', ...others] = each;
      const merged = others.reduce(
        (all, one) => `(${all} or (${one} unless on (instance) ${all}))`,
        first,
      );
      return [{ figure: inferenceFigure(engine, field), expr: merged }];
    }),
  );
}

/** What bounds of buckets are multiplied by to be seconds. */
export function latencyFactor(engine: InferenceEngine, field: LatencyField): number {
  return engine.latencies[field]?.[0]?.factor ?? 1;
}
