import { envelope, errorSchema, type ApiClient, type ApiRoute } from '@bud-monitoring/contracts';
import { readArguments } from '@bud-monitoring/contracts/calls';
import type { Dapr } from '../dapr/types.js';
import type { Upstream } from '../errors.js';
import { createInvocation, type CallOptions } from '../invocation.js';

export interface ApiClientOptions {
  dapr: Dapr;
  /** Dapr app id of the service; its name unless told. */
  appId?: string | undefined;
  /** Milliseconds one call may take. Default 15 000. */
  timeoutMs?: number | undefined;
}

/** A method for each route of a service, by Dapr invocation. Failures are `UpstreamError`s. */
export function invokeApi<const Api extends Record<string, ApiRoute>>(
  api: Api,
  upstream: Upstream,
  { dapr, appId = upstream, timeoutMs = 15_000 }: ApiClientOptions,
): ApiClient<Api, CallOptions> {
  const call = createInvocation({ dapr, appId, upstream, timeoutMs, errorAnswer: errorSchema });
  const methodOf = (route: ApiRoute) => {
    const { object, data } = route;
    const answer = object === null ? data : envelope(object, data).transform((whole) => whole.data);
    return (...args: unknown[]) => {
      const { method, path, query, body, options } = readArguments<CallOptions>(route, args);
      return call<unknown>({ method, path, query, body, ...options, answer: answer });
    };
  };
  const methods = Object.entries(api).map(([name, route]) => [name, methodOf(route)]);
  return Object.fromEntries(methods) as ApiClient<Api, CallOptions>;
}
