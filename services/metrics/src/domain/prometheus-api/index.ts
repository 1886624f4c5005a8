import { together } from './upstream/together.js';
import type { Clock } from '../../ports.js';
import type { ExistenceCache } from '../clusters/existence-cache.js';
import type { StoredLabels } from '../clusters/stored-labels.js';
import type { QueryExecutor } from './query-executor.js';
import { wholeNumber, type Limits } from './request/limits.js';
import { readParameters, type Parameters } from './request/parameters.js';
import { checkPrintable } from './request/printable.js';
import type { ApiResponse } from './response/api-response.js';
import { withCallerMessages } from './response/caller-messages.js';
import { translateParseError } from './response/error-translation.js';
import { mapData, successOf } from './response/read-response.js';
import { createScopeText } from './scoping/known-queries.js';
import { filterMetadata } from './scoping/metadata-filter.js';
import type { Reach } from './scoping/reach.js';
import { Refused } from './scoping/refused.js';
import { filterAlerts, filterRules } from './scoping/rule-filters.js';
import { ruleFilters } from './scoping/rule-parameters.js';
import { scopeRequest, unscopedRequest, type Endpoint } from './scoping/scope-request.js';

/** What is read below `/api/v1`. */
export type Resource =
  Endpoint | 'metadata' | 'rules' | 'alerts' | 'format_query' | 'parse_query' | 'buildinfo';

/** One request of one caller, and what the caller may see. */
export interface ApiRequest extends Reach {
  readonly parameters: Parameters;
  /** The label whose values are asked for. */
  readonly label?: string | undefined;
  /** Bypasses the caches. */
  readonly fresh?: boolean;
}

/** The Prometheus HTTP API of one cluster or of a fleet, as far as it reads data. */
export interface ScopedApi {
  /**
   * The store's response within the caller's scope. Throws `ClusterNotFound`, `InputError`,
   * `LimitExceeded`, `Refused`, `InvalidPromQL`, `InvalidUpstreamResponse`, `QueueFull`, or what kept
   * the store from answering.
   */
  respond(resource: Resource, request: ApiRequest, signal: AbortSignal): Promise<ApiResponse>;
  /** The same reach by the labels that the store has. */
  asStored<T extends Reach>(reach: T): Promise<T>;
  /** Names of the metrics that the caller's scope had in the last so many seconds; throws likewise. */
  metricNames(reach: Reach, seconds: number, signal: AbortSignal): Promise<ReadonlySet<string>>;
}

const secondsOfDay = 86_400;

/** Callers of a cluster share a place in the queue; those of the fleet with the same reach do. */
const queueKeyOf = ({ cluster, scopeKey }: Reach): string => cluster ?? scopeKey;

/** Every request takes the same way: cluster lookup, labels, parsing, scoping, execution, response. */
export function createScopedApi(options: {
  executor: QueryExecutor;
  existence: ExistenceCache;
  storedLabels: StoredLabels;
  limits: Limits;
  clock: Clock;
}): ScopedApi {
  const { executor, existence, storedLabels, limits, clock } = options;
  const scopeText = createScopeText(limits);

  /** A resource whose queries and selectors are scoped before they are sent. */
  async function scoped(
    endpoint: Endpoint,
    request: ApiRequest,
    signal: AbortSignal,
  ): Promise<ApiResponse> {
    const { scope, scopeKey, parameters, label, fresh } = request;
    const scopedRequest = await inStoresWords(request, signal, () =>
      scopeRequest(endpoint, parameters, {
        scope,
        scopeText: (text) => scopeText(text, request),
        limits,
        label,
      }),
    );
    const { toCaller, ...sent } = scopedRequest;
    const queueKey = queueKeyOf(request);
    const response = await executor.execute({ ...sent, queueKey, scopeKey, fresh }, signal);
    return withCallerMessages(response, toCaller);
  }

  /** What reads a text of the caller; what is wrong with that is said by the store, which evaluates nothing of it. */
  async function inStoresWords<T>(reach: Reach, signal: AbortSignal, read: () => T): Promise<T> {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Refused) || error.refusal.status !== 400) throw error;
      throw await translateParseError(error, () =>
        printed(reach, '/format_query', error.text, signal),
      );
    }
  }

  /** What the store reads of a text, and evaluates nothing of. */
  async function printed(
    reach: Reach,
    path: '/format_query' | '/parse_query',
    query: string,
    signal: AbortSignal,
  ): Promise<ApiResponse> {
    checkPrintable(query, limits);
    return unscoped(reach, path, { query }, signal);
  }

  /** A resource that takes no selectors: its response is the same for every caller until filtered. */
  async function unscoped(
    reach: Reach,
    path: string,
    parameters: Readonly<Record<string, string | undefined>>,
    signal: AbortSignal,
  ): Promise<ApiResponse> {
    const upstreamRequest = unscopedRequest(path, parameters, limits);
    const queueKey = queueKeyOf(reach);
    const sent = { upstreamRequest, queueKey, scopeKey: 'store' };
    return withCallerMessages(await executor.execute(sent, signal));
  }

  async function metricNames(
    reach: Reach,
    seconds: number,
    signal: AbortSignal,
  ): Promise<{ names: ReadonlySet<string>; warnings: readonly string[] }> {
    // To the minute, so that callers share the response.
    const end = Math.ceil(clock.now() / 60_000) * 60;
    const parameters = readParameters(
      new URLSearchParams({ start: String(end - seconds), end: String(end) }),
    );
    const request = { ...reach, parameters, label: '__name__' };
    const response = await scoped('values', request, signal);
    const { data, warnings } = await successOf(response);
    return { names: new Set(data as string[]), warnings };
  }

  async function metadata(request: ApiRequest, signal: AbortSignal): Promise<ApiResponse> {
    const { parameters, ...reach } = request;
    const metric = parameters.one('metric');
    const families = wholeNumber(parameters, 'limit') ?? limits.maxSeries;
    const shown = {
      families: families < 0 ? limits.maxSeries : Math.min(families, limits.maxSeries),
      perFamily: wholeNumber(parameters, 'limit_per_metric') ?? 0,
    };
    const [response, { names, warnings }] = await together(signal, (own) =>
      Promise.all([
        unscoped(request, '/metadata', { metric }, own),
        metricNames(reach, secondsOfDay, own),
      ]),
    );
    const ofNames = (data: unknown) =>
      filterMetadata(data as Record<string, { type?: string }[]>, names, shown);
    return mapData(response, ofNames, warnings);
  }

  async function rules(request: ApiRequest, signal: AbortSignal): Promise<ApiResponse> {
    const filters = await inStoresWords(request, signal, () =>
      ruleFilters(request.parameters, limits),
    );
    const response = await unscoped(request, '/rules', {}, signal);
    return mapData(response, (data) => filterRules(data as object, request.scope, filters));
  }

  async function alerts(request: ApiRequest, signal: AbortSignal): Promise<ApiResponse> {
    const response = await unscoped(request, '/alerts', {}, signal);
    return mapData(response, (data) => filterAlerts(data as object, request.scope));
  }

  async function checkExistence({ cluster }: Reach): Promise<void> {
    if (cluster !== undefined) await existence.check(cluster);
  }

  async function asStored<T extends Reach>(reach: T): Promise<T> {
    const spellings = await storedLabels.read();
    return spellings.size === 0 ? reach : { ...reach, scope: { ...reach.scope, spellings } };
  }

  return {
    asStored,
    async respond(resource, given, signal) {
      const [request] = await Promise.all([asStored(given), checkExistence(given)]);
      switch (resource) {
        case 'metadata':
          return metadata(request, signal);
        case 'rules':
          return rules(request, signal);
        case 'alerts':
          return alerts(request, signal);
        case 'format_query':
        case 'parse_query':
          return printed(request, `/${resource}`, request.parameters.one('query') ?? '', signal);
        case 'buildinfo':
          return unscoped(request, '/status/buildinfo', {}, signal);
        default:
          return scoped(resource, request, signal);
      }
    },
    async metricNames(given, seconds, signal) {
      const [reach] = await Promise.all([asStored(given), checkExistence(given)]);
      return (await metricNames(reach, seconds, signal)).names;
    },
  };
}
