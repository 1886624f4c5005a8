import { z } from 'zod';

import { codeOfStatus, UpstreamError } from '../errors.js';
import { parseJson } from '../json.js';

const bodySchema = z.object({ errorCode: z.string(), message: z.string().optional() });

/** The sidecar's own error body, if the text is one: an app's errors carry no `errorCode` of Dapr's. */
export function sidecarFault(text: string): { errorCode: string; detail: string } | undefined {
  const parsed = bodySchema.safeParse(parseJson(text));
  if (!parsed.success || !parsed.data.errorCode.startsWith('ERR_')) return undefined;
  const { errorCode, message = '' } = parsed.data;
  return { errorCode, detail: `${errorCode}: ${message}` };
}

/** What Redis begins an error with, or a network says, when a write failed for another reason. */
const outage =
  /\b(OOM|READONLY|NOREPLICAS|MISCONF|LOADING|BUSY|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|NOAUTH|WRONGPASS|NOPERM|UNBLOCKED)\b|connection re(fused|set)|broken pipe|\bEOF\b|i\/o timeout|deadline exceeded|no such host|pool (timeout|exhausted)/;

/**
 * Whether the sidecar's words about a failed save tell of a state store that refuses writes: daprd
 * answers 409 "possible etag mismatch" to every failed save with an etag.
 */
export function refusesWrites(detail: string): boolean {
  // These are the words of Redis's script where the etag is another; the key follows, whatever it says.
  return outage.test(detail) && !detail.includes('failed to set key');
}

/**
 * A failed call of a building block. Its 500 means that the component behind the sidecar (Redis)
 * failed, which is for a caller the same as a sidecar that is not there; so does a 409 that is no
 * conflict.
 */
export function buildingBlockError(status: number, text: string): UpstreamError {
  const detail = sidecarFault(text)?.detail;
  const failed = status >= 500 || (status === 409 && refusesWrites(detail ?? ''));
  const code = failed ? 'unreachable' : codeOfStatus(status);
  return new UpstreamError({ upstream: 'dapr', code, status, detail });
}
