import type { ClusterId } from '@bud-monitoring/contracts';
import type { Scope } from '@bud-monitoring/promql';
import type { KnownClusters } from '../clusters/existence-cache.js';
import type { Clock } from '../../ports.js';
import type { Answerer, StoreAnswer } from './query-executor.js';
import { scopedAlerts, scopedMetadata, scopedRules } from './scoping/label-filters.js';
import type { Limits } from './request/limits.js';
import { readParameters, type Parameters } from './request/parameters.js';
import {
  limitOf,
  plainCall,
  Refused,
  scopedCall,
  type Endpoint,
  type ScopedCall,
} from './scoping/scope-request.js';
import { dataOf, storeWords, UnusableAnswer } from './response/error-translation.js';

/** What is read below `/api/v1`. */
export type Resource = Endpoint | 'metadata' | 'rules' | 'alerts' | 'format_query' | 'buildinfo';

/** One call by one caller. */
export interface ApiCall {
  readonly cluster: ClusterId;
  /** What the caller may see of it: all, or some namespaces. */
  readonly namespaces?: readonly string[];
  readonly parameters: Parameters;
  /** The label whose values are asked for. */
  readonly label?: string;
  /** Straight from the store, whatever is kept. */
  readonly fresh?: boolean;
}

/** The Prometheus HTTP API of one cluster, as far as it reads data. */
export interface ScopedApi {
  /**
   * What the store answers within the caller's scope. Throws `ClusterNotFound`, `InputError`,
   * `OverLimit`, `Refused`, `QueueFull`, or what kept the store from answering.
   */
  answer(resource: Resource, call: ApiCall, signal: AbortSignal): Promise<StoreAnswer>;
}

const secondsOfDay = 86_400;

export function createScopedApi(options: {
  answerer: Answerer;
  known: KnownClusters;
  limits: Limits;
  clock: Clock;
}): ScopedApi {
  const { answerer, known, limits, clock } = options;

  /** A call that knows no scope is the same for everybody. */
  const plain = (
    cluster: ClusterId,
    path: string,
    parameters: Readonly<Record<string, string | undefined>>,
    signal: AbortSignal,
  ) => {
    const call = plainCall(path, parameters, limits);
    return answerer.answer({ cluster, scope: 'store', call }, signal);
  };

  async function read(
    endpoint: Endpoint,
    { cluster, parameters, label, fresh, ...call }: ApiCall,
    signal: AbortSignal,
  ): Promise<StoreAnswer> {
    const scope = scopeOf({ cluster, ...call });
    let scoped: ScopedCall;
    try {
      scoped = scopedCall(endpoint, parameters, { scope, limits, ...(label && { label }) });
    } catch (error) {
      if (!(error instanceof Refused) || error.refusal.kind !== 'unparsable') throw error;
      // This route of the store reads the text and evaluates nothing.
      const asked = plain(cluster, '/format_query', { query: error.text }, signal);
      throw await storeWords(error, asked);
    }
    const ask = { ...scoped, cluster, scope: keyOf(scope), ...(fresh && { fresh }) };
    return await answerer.answer(ask, signal);
  }

  async function metadata(call: ApiCall, signal: AbortSignal): Promise<StoreAnswer> {
    const { cluster, parameters } = call;
    const limit = limitOf(parameters, limits);
    const metric = parameters.one('metric');
    const limit_per_metric = parameters.one('limit_per_metric');
    // To the minute, so that those who ask share what is found.
    const end = Math.ceil(clock.now() / 60_000) * 60;
    const day = new URLSearchParams({ start: String(end - secondsOfDay), end: String(end) });
    const [all, named] = await Promise.all([
      plain(cluster, '/metadata', { metric, limit_per_metric }, signal),
      read('values', { ...call, parameters: readParameters(day), label: '__name__' }, signal),
    ]);
    const names = new Set((await dataOf(named)) as string[]);
    return filtered(all, (data) =>
      Object.fromEntries(
        Object.entries(scopedMetadata(data as Record<string, unknown>, names)).slice(0, limit),
      ),
    );
  }

  return {
    async answer(resource, call, signal) {
      const { cluster, parameters } = call;
      const finding = known.check(cluster);
      if (finding !== undefined) await finding;
      const scope = scopeOf(call);
      switch (resource) {
        case 'metadata':
          return metadata(call, signal);
        case 'rules': {
          const type = parameters.one('type');
          const all = await plain(cluster, '/rules', { type }, signal);
          return filtered(all, (data) => scopedRules(data as object, scope));
        }
        case 'alerts': {
          const all = await plain(cluster, '/alerts', {}, signal);
          return filtered(all, (data) => scopedAlerts(data as object, scope));
        }
        case 'format_query':
          return plain(cluster, '/format_query', { query: parameters.required('query') }, signal);
        case 'buildinfo':
          return plain(cluster, '/status/buildinfo', {}, signal);
        default:
          return await read(resource, call, signal);
      }
    },
  };
}

function scopeOf({ cluster, namespaces }: Pick<ApiCall, 'cluster' | 'namespaces'>): Scope {
  return namespaces === undefined ? { cluster } : { cluster, namespaces };
}

/** Keeps apart what callers of different reach are answered; holds no blank. */
function keyOf({ cluster, namespaces }: Scope): string {
  if (namespaces === undefined) return cluster;
  return `${cluster}:${[...namespaces].sort().map(encodeURIComponent).join(',')}`;
}

/** The answer with its data filtered; an error stays as it is, since it holds no data. */
async function filtered(
  answer: StoreAnswer,
  filter: (data: unknown) => unknown,
): Promise<StoreAnswer> {
  if (answer.status !== 200) return answer;
  const all = (await dataOf(answer)) ?? {};
  try {
    const body = JSON.stringify({ status: 'success', data: filter(all) });
    return { ...answer, body: Buffer.from(body) };
  } catch (error) {
    throw new UnusableAnswer('The store answered data of another form', { cause: error });
  }
}
