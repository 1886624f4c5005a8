import type { InferenceServer } from '@bud-monitoring/contracts';
import type { Labels, Row } from '../../../ports.js';
import type { InferenceEngine, LatencyField } from '../../metrics/inference/engine.js';
import {
  counterFields,
  gaugeFields,
  inferenceEngines,
  inferenceFigure,
  latencyFactor,
  latencyFields,
  type InferenceField,
} from '../../metrics/inference/figures.js';
import type { Figures } from '../../promql/figure.js';
import { createPace, eachInTurns, type Pace } from '../../turns/pace.js';

/** A model as one kind of server in one namespace serves it. */
export interface Served {
  /** As `modelKey`. */
  readonly key: string;
  readonly model: string | null;
  readonly namespace: string | null;
  readonly server: InferenceServer;
  readonly instances: Set<string>;
  /** Of each field a value for each instance. */
  readonly values: Map<InferenceField, number[]>;
  /** Of each latency the buckets of each instance: not all need have the same bounds. */
  readonly buckets: Map<LatencyField, Map<string, Map<number, number>>>;
}

/** The models that are served, by what their servers say; by their gateways where no server is seen. */
export async function servedModels(figures: Figures): Promise<Served[]> {
  const models = new Map<string, Served>();
  /** Which figure told a field of a model on an instance: what another says of it is the same. */
  const told = new Map<string, string>();
  const pace = createPace();
  for (const engine of inferenceEngines) {
    if (engine.isGateway === true && models.size > 0) break;
    const servedOf = (metric: Labels) => {
      const { server } = engine;
      const model = modelOf(metric, engine);
      const namespace = metric['namespace'] ?? null;
      const key = modelKey(engine, metric);
      const known = models.get(key) ?? newServed({ key, model, namespace, server });
      models.set(key, known);
      return known;
    };
    for (const field of [...gaugeFields, ...counterFields]) {
      for (const [figure, rows] of figuresOf(figures, engine, field)) {
        const add = ({ metric, value }: Row) => {
          const instance = metric['instance'] ?? '';
          const what = JSON.stringify([field, instance, modelOf(metric, engine)]);
          const by = told.get(what) ?? figure;
          told.set(what, by);
          if (by !== figure) return;
          const served = servedOf(metric);
          served.instances.add(instance);
          const values = served.values.get(field) ?? [];
          served.values.set(field, values);
          values.push(value);
        };
        await eachInTurns(await onePerThing(rows, engine, pace), add, pace);
      }
    }
    for (const field of latencyFields) {
      const factor = latencyFactor(engine, field);
      const add = ({ metric, value }: Row) => {
        const { buckets } = servedOf(metric);
        const instances = buckets.get(field) ?? new Map<string, Map<number, number>>();
        buckets.set(field, instances);
        const instance = metric['instance'] ?? '';
        const own = instances.get(instance) ?? new Map<number, number>();
        // The same bound is written `1` by one agent and `1.0` by another.
        const bound = Number((metric['le'] ?? '').replace('+Inf', 'Infinity')) * factor;
        instances.set(instance, own.set(bound, value + (own.get(bound) ?? 0)));
      };
      await eachInTurns(figures.get(inferenceFigure(engine, field)) ?? [], add, pace);
    }
  }
  return [...models.values()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

const nameOf = ({ model, namespace, server }: Served) =>
  [model ?? '\uffff', namespace ?? '', server].join('\n');

/** The figures of a field: the first reading of the engine first. */
function figuresOf(figures: Figures, engine: InferenceEngine, field: InferenceField) {
  const orderOf = (name: string) => Number(name.split(':').at(-1));
  return [...figures]
    .filter(([name]) => name === inferenceFigure(engine, field, orderOf(name)))
    .sort(([a], [b]) => orderOf(a) - orderOf(b));
}

/** What several targets say of a model on an instance counts once. */
async function onePerThing(
  rows: readonly Row[],
  { models }: InferenceEngine,
  pace: Pace,
): Promise<Row[]> {
  const things = new Map<string, Row>();
  const take = (row: Row) => {
    const thing = JSON.stringify(['instance', ...models].map((label) => row.metric[label]));
    if (row.value > (things.get(thing)?.value ?? -Infinity)) things.set(thing, row);
  };
  await eachInTurns(rows, take, pace);
  return [...things.values()];
}

/** Tells models apart: the same name served by another kind of server, or in another namespace, is another. */
export const modelKey = (engine: InferenceEngine, metric: Labels) =>
  JSON.stringify([engine.server, metric['namespace'] ?? null, modelOf(metric, engine)]);

/** The model of a series; null where its server does not tell. */
export function modelOf(metric: Labels, { models }: InferenceEngine): string | null {
  return models.map((label) => metric[label] ?? '').find((name) => name !== '') ?? null;
}

function newServed(of: Pick<Served, 'key' | 'model' | 'namespace' | 'server'>): Served {
  return { ...of, instances: new Set(), values: new Map(), buckets: new Map() };
}
