import { UpstreamError, type Upstream } from '../errors.js';
import { createResiliencePolicy, type CircuitBreakerState } from '../resilience/policy.js';
import { authorization, type Credentials } from '../http/headers.js';
import { createHttpClient } from '../http/http-client.js';
import { createDashboards } from './dashboards.js';
import { createDatasources } from './datasources.js';
import { createFolders } from './folders.js';
import { healthSchema, settingsSchema } from './schemas.js';
import { createPublicDashboards } from './public-dashboards.js';
import { createSearch } from './search.js';
import { createTransport, parsed } from './transport.js';
import type { GrafanaClient } from './types.js';

export interface GrafanaOptions extends Credentials {
  scheme: 'http' | 'https';
  /** `host[:port][/path]`, without credentials. */
  url: string;
  /** Number of the organisation to work in; unless told, the one that the user has chosen last, or the token's own. */
  orgId?: number | undefined;
  /** PEM text of the certificate authorities to trust instead of the system's. */
  ca?: string | undefined;
  /** Milliseconds one call may take, all attempts together. Default 10 000. */
  timeoutMs?: number | undefined;
  onCircuitState?: ((name: Upstream, state: CircuitBreakerState) => void) | undefined;
}

/** Milliseconds that a query by a data source may take. */
const queryTimeoutMs = 3_000;

/** The client of one Grafana: at most 3 attempts a call, one circuit breaker for all calls. */
export function createGrafanaClient(options: GrafanaOptions): GrafanaClient {
  const { scheme, url, ca, orgId, timeoutMs = 10_000, onCircuitState } = options;
  const http = createHttpClient({
    upstream: 'grafana',
    baseUrl: `${scheme}://${url}`,
    headers: {
      accept: 'application/json',
      ...(orgId !== undefined && { 'x-grafana-org-id': String(orgId) }),
      ...authorization(options),
    },
    ca,
    // Half of the whole, so that one attempt that hangs leaves time for another.
    timeoutMs: timeoutMs / 2,
    maxSockets: 16,
  });
  const policy = createResiliencePolicy({
    name: 'grafana',
    deadlineMs: timeoutMs,
    onStateChange: onCircuitState,
  });
  const lockable = options.token === undefined;
  const transport = createTransport({ http, policy, lockable });
  // A store behind Grafana that is down says nothing of Grafana.
  const queries = createTransport({
    http,
    policy: createResiliencePolicy({ name: 'grafana', deadlineMs: queryTimeoutMs }),
    lockable,
  });

  return {
    retryLogin() {
      transport.retryLogin();
      queries.retryLogin();
    },
    async health(signal) {
      const call = { method: 'GET', path: '/api/health', login: false, signal } as const;
      const { database, version = null } = await transport.read(call, healthSchema);
      return { database, version };
    },
    async frontendSettings(signal) {
      const path = '/api/frontend/settings';
      const outcome = await transport.ask({ method: 'GET', path, signal });
      if (!outcome.found) {
        throw new UpstreamError({ upstream: 'grafana', code: 'not_found', status: 404 });
      }
      const { buildInfo } = parsed(outcome.response, settingsSchema);
      // Grafana puts the same header on every answer, pages and API alike.
      const framing = outcome.response.headers['x-frame-options']?.toLowerCase();
      return { allowEmbedding: framing === undefined, version: buildInfo?.version ?? null };
    },
    ...createDashboards(transport, orgId),
    ...createPublicDashboards(transport),
    ...createSearch(transport),
    ...createFolders(transport),
    ...createDatasources(transport, queries),
  };
}
