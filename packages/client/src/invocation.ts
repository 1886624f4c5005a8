import type { z } from 'zod';

import type { Dapr } from './dapr/types.js';
import { codeOfStatus, UpstreamError, type Upstream } from './errors.js';

export interface InvocationOptions {
  dapr: Dapr;
  appId: string;
  upstream: Upstream;
  /** Milliseconds one call may take. */
  timeoutMs: number;
  /** The envelope of an error of this app, whatever the HTTP status. */
  errorAnswer: z.ZodType<{ code?: number | undefined; message?: string | undefined }>;
}

export interface InvocationCall<T> {
  path: string;
  query?: Record<string, string | readonly string[]> | undefined;
  answer: z.ZodType<T>;
  signal?: AbortSignal | undefined;
}

/** Reads from one app by Dapr invocation, checks the answer, and names the app in every error. */
export function createInvocation(options: InvocationOptions) {
  const { dapr, appId, upstream, timeoutMs, errorAnswer } = options;
  return async function read<T>({ path, query, answer, signal }: InvocationCall<T>): Promise<T> {
    const response = await dapr
      .invoke(appId, { method: 'GET', path, query, timeoutMs, signal })
      .catch((error: unknown) => {
        if (!(error instanceof UpstreamError)) throw error;
        const { code, status, retryAfterSeconds, detail } = error;
        throw new UpstreamError({ upstream, code, status, retryAfterSeconds, detail });
      });
    const refusal = errorAnswer.safeParse(response.body);
    if (response.status !== 200 || refusal.success) {
      const status = response.status === 200 ? (refusal.data?.code ?? 500) : response.status;
      const detail = refusal.data?.message;
      throw new UpstreamError({ upstream, code: codeOfStatus(status), status, detail });
    }
    const parsed = answer.safeParse(response.body);
    if (parsed.success) return parsed.data;
    const [first] = parsed.error.issues;
    const detail = `unexpected answer at ${first?.path.join('.') ?? ''}: ${first?.message ?? ''}`;
    throw new UpstreamError({ upstream, code: 'bad_answer', status: response.status, detail });
  };
}
