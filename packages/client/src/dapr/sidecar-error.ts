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

/**
 * A failed call of a building block. Its 500 means that the component behind the sidecar (Redis)
 * failed, which is for a caller the same as a sidecar that is not there.
 */
export function buildingBlockError(status: number, text: string): UpstreamError {
  const code = status >= 500 ? 'unreachable' : codeOfStatus(status);
  const detail = sidecarFault(text)?.detail;
  return new UpstreamError({ upstream: 'dapr', code, status, detail });
}
