import type { ClusterId } from '@bud-monitoring/contracts';
import type { Scope } from '@bud-monitoring/promql';
import { defineRawRoute, type Logger, type Route } from '@bud-monitoring/service-kit';
import type { Response } from 'express';
import type { Answerer, StoreAnswer } from '../domain/prometheus-api/answer.js';
import { scopedAlerts, scopedMetadata, scopedRules } from '../domain/prometheus-api/filters.js';
import { readParameters, type Parameters } from '../domain/prometheus-api/parameters.js';
import {
  rangeCall,
  Refused,
  storeCall,
  type Endpoint,
  type Limits,
} from '../domain/prometheus-api/scoped-call.js';
import type { Clock } from '../ports.js';
import {
  dataOf,
  parametersOf,
  scopeKey,
  scopeOf,
  sendAnswer,
  toCallError,
} from './prometheus-call.js';

/** Where the scoped API lies; every error below it has Prometheus' own form. */
export const prometheusApiPath = '/clusters/{cluster_id}/prometheus/api/v1';

/** A query is slow above this, seconds. */
export const slowSeconds = 5;

export interface PrometheusApiOptions {
  answerer: Answerer;
  limits: Limits;
  clock: Clock;
  /** Counts answers by path: `hit`, `partial`, `miss`, `bypass`, `refused` or `error`. */
  onAnswer: (path: string, outcome: string) => void;
}

type Method = 'get' | 'post';

interface Ask {
  cluster: ClusterId;
  scope: Scope;
  parameters: Parameters;
  /** Of the path. */
  label: string;
  signal: AbortSignal;
  logger: Logger;
}

const both: readonly Method[] = ['get', 'post'];
const getOnly: readonly Method[] = ['get'];
const nothing = readParameters();

/** The Prometheus HTTP API of one cluster, as far as it reads data. */
export function prometheusApiRoutes({
  answerer,
  limits,
  clock,
  onAnswer,
}: PrometheusApiOptions): Route[] {
  function fromStore(endpoint: Endpoint, ask: Ask): Promise<StoreAnswer> {
    const { cluster, scope, parameters, label } = ask;
    const call = storeCall(endpoint, parameters, { scope, limits, label });
    // Points of these depend on more than query, time and step.
    const isPlain = !['stats', 'limit', 'lookback_delta'].some((name) => parameters.one(name));
    const isRange = endpoint === 'query_range' && isPlain;
    return answerer.answer(
      {
        ...{ cluster, scope: scopeKey(scope), call },
        ...(isRange && { range: rangeCall(parameters, scope, limits) }),
      },
      ask.signal,
    );
  }

  /** `data` of a path that knows no scope: to be filtered before anything of it goes out. */
  async function unscoped<T>(path: string, ask: Ask, ...names: string[]): Promise<T> {
    const form = new URLSearchParams();
    for (const name of names) {
      const value = ask.parameters.one(name);
      if (value !== undefined) form.set(name, value);
    }
    const call = { method: 'GET' as const, path, form };
    return dataOf(
      await answerer.answer({ cluster: ask.cluster, scope: 'store', call }, ask.signal),
    );
  }

  /** One path by its methods; what the handler throws is told in Prometheus' words. */
  const route = (
    path: string,
    methods: readonly Method[],
    summary: string,
    handle: (ask: Ask, response: Response) => Promise<string>,
  ): Route[] =>
    methods.map((method) =>
      defineRawRoute({
        method,
        path: `${prometheusApiPath}${path}`,
        summary,
        description: 'As Prometheus defines it, with the cluster enforced on every selector.',
        permission: 'cluster:view',
        produces: 'application/json',
        readsParameters: true,
        statuses: [422, 429, 502],
        timeoutMs: null,
        async handler({ params, caller, signal, logger }, request, response) {
          const { cluster_id: cluster, name: label = '' } = params as {
            cluster_id: ClusterId;
            name?: string;
          };
          try {
            const parameters = await parametersOf(request, response);
            const scope = scopeOf(cluster, caller);
            const ask = { cluster, scope, parameters, label, signal, logger };
            onAnswer(path, await handle(ask, response));
          } catch (error) {
            onAnswer(path, error instanceof Refused ? 'refused' : 'error');
            if (!response.headersSent) throw toCallError(error);
            // Only a broken connection tells the caller that the rest will not come.
            response.destroy();
          }
        },
      }),
    );

  const passed = (endpoint: Endpoint, path: string, methods: readonly Method[], summary: string) =>
    route(path, methods, summary, async (ask, response) => {
      const begin = clock.now();
      const answer = await fromStore(endpoint, ask);
      await sendAnswer(answer, response);
      logSlow(ask, (clock.now() - begin) / 1000);
      return answer.cache;
    });

  const filtered = (path: string, summary: string, read: (ask: Ask) => Promise<unknown>): Route[] =>
    route(path, getOnly, summary, async (ask, response) => {
      const data = await read(ask);
      response.set('X-Cache', 'bypass').json({ status: 'success', data });
      return 'bypass';
    });

  return [
    ...passed('query', '/query', both, 'Evaluate a query at one time'),
    ...passed('query_range', '/query_range', both, 'Evaluate a query over a range'),
    ...passed('query_exemplars', '/query_exemplars', both, 'Exemplars of a query'),
    ...passed('series', '/series', both, 'Series that match selectors'),
    ...passed('labels', '/labels', both, 'Names of labels'),
    ...passed('values', '/label/{name}/values', getOnly, 'Values of a label'),
    ...route('/format_query', both, 'Print a query readably', async (ask, response) => {
      const form = new URLSearchParams({ query: ask.parameters.required('query') });
      const call = { method: 'POST' as const, path: '/format_query', form };
      const { cluster, signal } = ask;
      const answer = await answerer.answer({ cluster, scope: 'store', call }, signal);
      await sendAnswer(answer, response);
      return answer.cache;
    }),
    ...filtered('/metadata', 'What the metrics of the cluster are', async (ask) => {
      const [metadata, names] = await Promise.all([
        unscoped<Record<string, unknown>>('/metadata', ask, 'metric', 'limit_per_metric'),
        fromStore('values', { ...ask, parameters: nothing, label: '__name__' }),
      ]);
      const scoped = scopedMetadata(metadata, new Set(await dataOf<string[]>(names)));
      const limit = Number(ask.parameters.one('limit') ?? Infinity);
      return Object.fromEntries(Object.entries(scoped).slice(0, limit >= 0 ? limit : undefined));
    }),
    ...filtered('/rules', 'Rules whose labels carry the cluster', async (ask) =>
      scopedRules(await unscoped('/rules', ask, 'type'), ask.scope),
    ),
    ...filtered('/alerts', 'Alerts of the store whose labels carry the cluster', async (ask) =>
      scopedAlerts(await unscoped('/alerts', ask), ask.scope),
    ),
    ...filtered('/status/buildinfo', 'Version of the store', (ask) =>
      unscoped('/status/buildinfo', ask),
    ),
  ];
}

function logSlow({ cluster, parameters, logger }: Ask, seconds: number): void {
  if (seconds <= slowSeconds) return;
  const query = parameters.all('query')[0]?.slice(0, 1000);
  logger.warn('slow query', { cluster, query, seconds: Math.round(seconds * 1000) / 1000 });
}
