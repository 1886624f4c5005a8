import type { z } from 'zod';

import { systemClock } from '../clock.js';
import { codeOfStatus, UpstreamError } from '../errors.js';
import { parseJson } from '../json.js';
import type { ResiliencePolicy } from '../resilience/policy.js';
import { retryAfter } from '../http/headers.js';
import type { HttpClient, HttpRequest, HttpResponse } from '../http/http-client.js';
import { errorSchema } from './schemas.js';

export interface GrafanaCall extends HttpRequest {
  /** `false` for what makes something new at each call. */
  retry?: boolean;
  /** `false` for what Grafana answers whoever asks; it goes out after wrong credentials too. */
  login?: boolean;
  /** `true` where a 404 in anybody's words will do, to learn what this Grafana speaks. */
  probe?: boolean;
}

/** What a request comes to: the answer, or that there is no such thing. */
export type Outcome =
  { found: true; response: HttpResponse } | { found: false; messageId: string; message: string };

/** Requests to Grafana's API through the policy, with its errors in our words. */
export interface Transport {
  /** The next call goes out although the credentials were refused. */
  retryLogin: () => void;
  /** The answer of a success, or of a 404 its words; no `messageId` where the route itself is missing. */
  ask: (call: GrafanaCall) => Promise<Outcome>;
  /** The parsed answer; a 404 is an error with code `not_found`. */
  read: <T>(call: GrafanaCall, schema: z.ZodType<T>) => Promise<T>;
  /** The parsed answer, or `null` for a 404. */
  find: <T>(call: GrafanaCall, schema: z.ZodType<T>) => Promise<T | null>;
}

/**
 * After wrong credentials nothing is sent for so long: Grafana locks a user out, people included,
 * after five wrong logins within five minutes.
 */
const lockoutPauseMs = 120_000;

export function createTransport({
  http,
  policy,
  lockable,
}: {
  http: HttpClient;
  policy: ResiliencePolicy;
  /** The credentials are a user's, whom Grafana would lock out; no token is ever locked. */
  lockable: boolean;
}): Transport {
  let refused: { error: UpstreamError; until: number } | undefined;

  async function send({
    retry = true,
    login = true,
    probe = false,
    ...request
  }: GrafanaCall): Promise<Outcome> {
    if (login && refused !== undefined && systemClock.now() < refused.until) throw refused.error;
    return policy.execute(
      async (signal) => {
        const response = await http.request({ ...request, signal });
        if (response.status < 300) {
          if (isPage(response)) throw foreign(response);
          return { found: true, response };
        }
        if (response.status === 404) {
          const { messageId = '', message = '' } = errorBody(response);
          // A proxy that does not find Grafana says nothing of what is in it.
          if (!probe && !saysNotFound.test(`${message} ${messageId}`)) throw foreign(response);
          return { found: false, messageId, message };
        }
        const error = grafanaError(response);
        if (lockable && error.code === 'unauthorized') {
          refused = { error, until: systemClock.now() + lockoutPauseMs };
        }
        throw error;
      },
      { signal: request.signal, retry },
    );
  }

  return {
    retryLogin: () => (refused = undefined),
    ask: send,
    async read(call, schema) {
      const outcome = await send(call);
      if (outcome.found) return parsed(outcome.response, schema);
      const detail = outcome.messageId;
      throw new UpstreamError({ upstream: 'grafana', code: 'not_found', status: 404, detail });
    },
    async find(call, schema) {
      const outcome = await send(call);
      return outcome.found ? parsed(outcome.response, schema) : null;
    },
  };
}

/** What Grafana says, in one of its ways, of all that it does not have: routes, dashboards, links. */
const saysNotFound = /not ?found|unable to find/i;

/** Whether it is a page for people, as a login in front of Grafana sends it for whatever is asked. */
const isPage = ({ body }: HttpResponse): boolean =>
  /^\s*</.test(body.subarray(0, 200).toString('latin1'));

/** The error of an answer that is not from Grafana's API. */
function foreign({ status }: HttpResponse): UpstreamError {
  const detail =
    status >= 300 && status < 400
      ? 'it redirects elsewhere: GRAFANA_SCHEME and GRAFANA_URL have to lead to Grafana itself, past any login'
      : 'something else answers in its place: GRAFANA_URL has to lead to Grafana itself, its path included and past any login';
  return new UpstreamError({ upstream: 'grafana', code: 'bad_answer', status, detail });
}

/** The answer by its schema; other shapes are a `bad_answer`. */
export function parsed<T>({ status, text }: HttpResponse, schema: z.ZodType<T>): T {
  const result = schema.safeParse(parseJson(text));
  if (result.success) return result.data;
  const [first] = result.error.issues;
  const detail = `unexpected answer at ${first?.path.join('.') ?? ''}: ${first?.message ?? ''}`;
  throw new UpstreamError({ upstream: 'grafana', code: 'bad_answer', status, detail });
}

function grafanaError(response: HttpResponse): UpstreamError {
  const { status } = response;
  if (status < 400) return foreign(response);
  const { message = '', status: reason, messageId } = errorBody(response);
  // A deleted service account's token is answered with 500.
  const badToken = status === 500 && /invalid api key/i.test(message);
  return new UpstreamError({
    upstream: 'grafana',
    code: badToken ? 'unauthorized' : codeOfStatus(status),
    status,
    retryAfterSeconds: retryAfter(response, systemClock.now()),
    detail: reason ?? messageId ?? message,
  });
}

function errorBody({ text }: HttpResponse): z.infer<typeof errorSchema> {
  const result = errorSchema.safeParse(parseJson(text));
  return result.success ? result.data : {};
}
