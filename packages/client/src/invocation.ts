import type { z } from 'zod';

import { systemClock } from './clock.js';
import type { Dapr, InvokeRequest } from './dapr/types.js';
import { codeOfStatus, UpstreamError, type Upstream } from './errors.js';
import { retryAfter } from './http/headers.js';
import type { ResiliencePolicy } from './resilience/policy.js';

export interface InvocationOptions {
  dapr: Dapr;
  appId: string;
  upstream: Upstream;
  /** Milliseconds one call may take. */
  timeoutMs: number;
  /** The envelope of an error of this app, whatever the HTTP status. */
  errorAnswer: z.ZodType<{ code?: number | undefined; message?: string | undefined }>;
}

export interface CallOptions {
  /** Bearer token of the user on whose behalf is asked; not needed by a trusted app. */
  token?: string | undefined;
  signal?: AbortSignal | undefined;
}

export interface InvocationCall<T> extends CallOptions {
  /** GET unless given. */
  method?: InvokeRequest['method'] | undefined;
  path: string;
  query?: Record<string, string | readonly string[]> | undefined;
  /** Sent as JSON. */
  body?: unknown;
  answer: z.ZodType<T>;
  /** Keeps calls back that would only wait; an answer of any status counts as a success. */
  policy?: ResiliencePolicy | undefined;
}

/** Calls one app by Dapr invocation, checks the answer, and names the app in every error. */
export function createInvocation(options: InvocationOptions) {
  const { dapr, appId, upstream, timeoutMs, errorAnswer } = options;
  return async function read<T>(call: InvocationCall<T>): Promise<T> {
    const { method = 'GET', path, query, body: sent, token, answer, signal, policy } = call;
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const invoke = () =>
      dapr
        .invoke(appId, { method, path, query, body: sent, headers, timeoutMs, signal })
        .catch((error: unknown) => {
          if (!(error instanceof UpstreamError)) throw error;
          // It was the sidecar that did not let us, and not the app behind it.
          if (error.code === 'unauthorized' || error.code === 'forbidden') throw error;
          const { code, status: answered, retryAfterSeconds, detail } = error;
          throw new UpstreamError({ upstream, code, status: answered, retryAfterSeconds, detail });
        });
    const response = await (policy?.execute(invoke, { signal, retry: false }) ?? invoke());
    const { status, body } = response;
    const refusal = errorAnswer.safeParse(body);
    if (status >= 300 || refusal.success) {
      // Some apps report an error with status 200.
      const said = status >= 300 ? status : (refusal.data?.code ?? 500);
      const detail = refusal.data?.message;
      const retryAfterSeconds = retryAfter(response, systemClock.now());
      const code = codeOfStatus(said);
      throw new UpstreamError({ upstream, code, status: said, retryAfterSeconds, detail });
    }
    const parsed = answer.safeParse(body);
    if (parsed.success) return parsed.data;
    const [first] = parsed.error.issues;
    const detail = `unexpected answer at ${first?.path.join('.') ?? ''}: ${first?.message ?? ''}`;
    throw new UpstreamError({ upstream, code: 'bad_answer', status, detail });
  };
}
