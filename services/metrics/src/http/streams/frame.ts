import { createHash } from 'node:crypto';
import type { ErrorBody } from '@bud-monitoring/contracts';
import { toApiError } from '@bud-monitoring/service-kit';
import type { Frame } from '../../adapters/live/hub.js';
import { toHttpError } from '../response/errors.js';
import { eventFrame } from '../response/event-stream.js';

/** What a frame carries. */
export interface FrameContent {
  readonly event: string;
  readonly body: object;
  /** What of it makes it another one; its times alone do not. */
  readonly identity: unknown;
}

/** A frame of what `make` resolves with, or of its failure. Never throws. */
export async function frameOf(
  make: () => Promise<FrameContent>,
  requestId: string,
): Promise<Frame> {
  try {
    const { event, body, identity } = await make();
    const hash = createHash('sha256').update(JSON.stringify(identity)).digest('base64url');
    const id = hash.slice(0, 16);
    return { bytes: eventFrame(event, body, id), id, last: false };
  } catch (error) {
    const { status, type, message } = toApiError(toHttpError(error));
    const body: ErrorBody = { object: 'error', code: status, type, message, request_id: requestId };
    // A client error, such as a deleted cluster, does not go away by waiting.
    return { bytes: eventFrame('failure', body), id: null, last: status < 500 };
  }
}
