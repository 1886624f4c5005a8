import { z } from 'zod';

import { systemClock } from '../clock.js';
import { codeOfStatus, UpstreamError, type UpstreamErrorCode } from '../errors.js';
import { retryAfter } from '../http/headers.js';
import type { HttpResponse } from '../http/http-client.js';
import { isOutOfTime } from './out-of-time.js';
import { parseInPieces } from './parse-in-pieces.js';

const notes = z.array(z.string()).nullish();

/** The envelope only: `data` may hold millions of samples, which `parse.ts` reads by hand. */
const envelopeSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    data: z.unknown().optional(),
    warnings: notes,
    infos: notes,
    isPartial: z.boolean().optional(),
  }),
  z.object({ status: z.literal('error'), errorType: z.string().optional(), error: z.string() }),
]);

/** The content of a successful response; `data` is not validated yet. */
export interface PrometheusResponse {
  data: unknown;
  warnings: string[];
  infos: string[];
}

/** What Prometheus' error types mean to us; other stores' own types go by the HTTP status. */
const codeByErrorType: Partial<Record<string, UpstreamErrorCode>> = {
  bad_data: 'refused',
  execution: 'refused',
  not_acceptable: 'refused',
  timeout: 'timeout',
  canceled: 'unreachable',
  unavailable: 'unreachable',
  internal: 'bad_answer',
};

/** Parses a response; throws an `UpstreamError` for everything but a success. */
export function parseResponse(response: HttpResponse): PrometheusResponse {
  const { status, body } = response;
  const envelope = envelopeSchema.safeParse(parseInPieces(body));
  if (!envelope.success) throw notPrometheus(response);
  if (envelope.data.status === 'error') {
    const { errorType = '', error } = envelope.data;
    throw new UpstreamError({
      upstream: 'prometheus',
      code: isOutOfTime(status, error)
        ? 'timeout'
        : (codeByErrorType[errorType] ?? codeOfStatus(status < 400 ? 500 : status)),
      status,
      retryAfterSeconds: retryAfter(response, systemClock.now()),
      detail: error,
    });
  }
  const { data, warnings, infos, isPartial } = envelope.data;
  if (status >= 300) throw notPrometheus(response);
  // VictoriaMetrics' cluster marks such answers; Thanos says so in a warning, and its infos are warnings too.
  const partial = isPartial === true ? ['the answer is partial'] : [];
  const all = [...(warnings ?? []), ...partial];
  const isInfo = (text: string) => text.startsWith('PromQL info:');
  return {
    data,
    warnings: all.filter((text) => !isInfo(text)),
    infos: [...(infos ?? []), ...all.filter(isInfo)],
  };
}

/** A response without the envelope: a proxy in between, a wrong URL, or a store that starts up. */
function notPrometheus(response: HttpResponse): UpstreamError {
  const { status, headers } = response;
  // A 404 is about the URL and not about the query.
  const misplaced = status < 400 || status === 404 || status === 405;
  const type = headers['content-type'] ?? 'no content type';
  return new UpstreamError({
    upstream: 'prometheus',
    code: misplaced ? 'bad_answer' : codeOfStatus(status),
    status,
    retryAfterSeconds: retryAfter(response, systemClock.now()),
    detail: `status ${status} without the envelope of the Prometheus API (${type})`,
  });
}
