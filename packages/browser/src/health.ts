import type { StackHealth } from '@bud-monitoring/contracts';
import { errorOf } from './api-error.js';
import type { RequestOptions } from './client.js';
import { createSend, type ConnectionOptions } from './connection.js';

/** The services by the names that their own routes have at the gateway. */
export type HealthOfService = 'metrics' | 'dashboards';

/** Asks how each part is that a service depends on; also where one is unhealthy. */
export type BrowserHealth = (
  service: HealthOfService,
  options?: RequestOptions,
) => Promise<StackHealth>;

export function createHealth(options: ConnectionOptions): BrowserHealth {
  const send = createSend(options);
  return async (service, own) => {
    const path = `/${service}/health/stack`;
    const response = await send({
      method: 'GET',
      path,
      query: {},
      signal: own?.signal,
      alsoStatus: 503,
    });
    // 503 is either the answer that something is unhealthy, or no answer of the service at all.
    const body = (await response
      .clone()
      .json()
      .catch(() => null)) as { data?: StackHealth } | null;
    if (body?.data === undefined) throw await errorOf(response);
    return body.data;
  };
}
