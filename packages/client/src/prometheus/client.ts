import type { Upstream } from '../errors.js';
import { turn } from '../turns.js';
import { createResiliencePolicy, type CircuitBreakerState } from '../resilience/policy.js';
import { authorization, type Credentials } from '../http/headers.js';
import { createHttpClient, type HttpRequest } from '../http/http-client.js';
import { pathSegment } from '../http/url.js';
import { parseResponse, type PrometheusResponse } from './response.js';
import { instantSeries, labelSets, rangeSeries, retentionOf, strings, versionOf } from './parse.js';
import type { PrometheusClient } from './types.js';

export interface PrometheusOptions extends Credentials {
  /** Scheme, host and optional path below which `/api/v1` is served; no credentials. */
  url: string;
  /** PEM text of the certificate authorities to trust instead of the system's. */
  ca?: string | undefined;
  /** Tenant, sent as `X-Scope-OrgID` (Mimir, Cortex). */
  tenant?: string | undefined;
  /** Milliseconds one call may take, all attempts together. Default 10 000. */
  timeoutMs?: number | undefined;
  onCircuitState?: ((name: Upstream, state: CircuitBreakerState) => void) | undefined;
}

/** Bytes that take a millisecond or so to parse. */
const longBytes = 32 * 1024;

type Parameters = Record<string, string | number | readonly string[] | undefined>;

/** The client of one Prometheus-compatible store: at most 3 attempts a call, one circuit breaker for all calls. */
export function createPrometheusClient(options: PrometheusOptions): PrometheusClient {
  const { url, ca, timeoutMs = 10_000 } = options;
  const http = createHttpClient({
    upstream: 'prometheus',
    baseUrl: url,
    headers: {
      // The store is near: compressing and decompressing takes longer than sending as it is.
      'accept-encoding': 'identity',
      ...authorization(options),
      ...(options.tenant !== undefined && { 'x-scope-orgid': options.tenant }),
    },
    ca,
    timeoutMs,
    maxResponseBytes: 256 * 2 ** 20,
  });
  const policy = createResiliencePolicy({
    name: 'prometheus',
    deadlineMs: timeoutMs,
    onStateChange: options.onCircuitState,
  });

  function ask(
    make: (remainingMs: number) => Omit<HttpRequest, 'signal'>,
    signal?: AbortSignal,
  ): Promise<PrometheusResponse> {
    return policy.execute(
      async (attemptSignal, remainingMs) => {
        const response = await http.request({ ...make(remainingMs), signal: attemptSignal });
        if (response.body.length > longBytes) await turn();
        return parseResponse(response);
      },
      { signal },
    );
  }

  /** As a form: a query may be longer than a URL. `evaluated` asks the store to give up in time. */
  const post = (path: string, parameters: Parameters, evaluated: boolean, signal?: AbortSignal) =>
    ask((remainingMs) => {
      const timeout = evaluated ? `${Math.max(1, Math.floor(remainingMs))}ms` : undefined;
      return { method: 'POST', path, form: formOf({ ...parameters, timeout }) };
    }, signal);

  return {
    async query(expr, { time, limit, signal } = {}) {
      const answer = await post('/api/v1/query', { query: expr, time, limit }, true, signal);
      return withNotes(answer, await instantSeries(answer.data));
    },
    async queryRange(expr, { start, end, step, signal }) {
      const parameters = { query: expr, start, end, step };
      const answer = await post('/api/v1/query_range', parameters, true, signal);
      return withNotes(answer, await rangeSeries(answer.data));
    },
    async samples(selector, { time, signal }) {
      const answer = await post('/api/v1/query', { query: selector, time }, true, signal);
      return withNotes(answer, await rangeSeries(answer.data));
    },
    async series(match, { start, end, limit, signal }) {
      const parameters = { 'match[]': match, start, end, limit };
      return labelSets((await post('/api/v1/series', parameters, false, signal)).data);
    },
    async labelValues(label, { match, start, end, limit, signal } = {}) {
      const parameters = formOf({ 'match[]': match, start, end, limit });
      const path = `/api/v1/label/${pathSegment(label)}/values?${parameters.toString()}`;
      const { data, warnings } = await ask(() => ({ method: 'GET', path }), signal);
      return { values: strings(data), warnings };
    },
    async buildInfo(signal) {
      const path = '/api/v1/status/buildinfo';
      return { version: versionOf((await ask(() => ({ method: 'GET', path }), signal)).data) };
    },
    async retention(signal = new AbortController().signal) {
      // Most other stores lack the endpoint, which is no reason to try again or to open the circuit.
      try {
        const path = '/api/v1/status/runtimeinfo';
        return retentionOf(parseResponse(await http.request({ method: 'GET', path, signal })).data);
      } catch {
        return null;
      }
    },
    async joinsReplicas(signal = new AbortController().signal) {
      // Thanos alone lists its stores.
      const path = '/api/v1/stores';
      const response = await http.request({ method: 'GET', path, signal });
      if (response.status >= 500) parseResponse(response);
      return response.status === 200;
    },
    async ready(signal) {
      // A query and not `/-/ready`: it proves credentials and tenant too, and every store has it.
      await instantSeries((await post('/api/v1/query', { query: '1' }, true, signal)).data);
    },
  };
}

function withNotes<T>(response: PrometheusResponse, parsed: { series: T; infos: string[] }) {
  const { series, infos } = parsed;
  return { series, warnings: response.warnings, infos: [...response.infos, ...infos] };
}

function formOf(parameters: Parameters): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) continue;
    for (const one of typeof value === 'object' ? value : [value]) form.append(name, String(one));
  }
  return form;
}
