import type { ApiClient, ApiPath, dashboardApi, metricsApi } from '@bud-monitoring/contracts';
import { readArguments } from '@bud-monitoring/contracts/calls';
import { dashboardRoutes, metricsRoutes } from '@bud-monitoring/contracts/routes';
import { ApiError } from './api-error.js';
import { createSend, type ConnectionOptions } from './connection.js';

export interface RequestOptions {
  signal?: AbortSignal | undefined;
}

/** All routes of both services through the gateway. Failures are `ApiError`s. */
export type BrowserClient = ApiClient<typeof metricsApi & typeof dashboardApi, RequestOptions>;

/** The client of a page. It trusts the API's answers: they are typed by its contracts, and not validated again. */
export function createBrowserClient(options: ConnectionOptions): BrowserClient {
  const send = createSend(options);
  const methodOf =
    (route: ApiPath) =>
    async (...args: unknown[]): Promise<unknown> => {
      const { options: own, ...call } = readArguments<RequestOptions>(route, args);
      const response = await send({ ...call, signal: own?.signal });
      const isJson = response.headers.get('content-type')?.includes('json') === true;
      try {
        if (!isJson) return await response.text();
        return ((await response.json()) as { data: unknown }).data;
      } catch (cause) {
        if (own?.signal?.aborted === true) throw cause;
        const message = 'The answer broke off, or is not JSON';
        const error = { code: response.status, type: 'InvalidAnswerError', message } as const;
        throw new ApiError(error, { cause });
      }
    };
  const routes = Object.entries({ ...metricsRoutes, ...dashboardRoutes });
  return Object.fromEntries(
    routes.map(([name, route]) => [name, methodOf(route)]),
  ) as unknown as BrowserClient;
}
