import type { IncomingMessage } from 'node:http';
import { ApiError } from '../errors/api-error.js';

/** Bytes of a form we read. */
const formLimit = 1024 * 1024;

/**
 * The parameters of a form; none without a body. Throws 413 or 415. Not by Express's own parser, which
 * takes longer than handling a short form.
 */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const { headers } = request;
  const length = headers['content-length'] ?? '0';
  if (length === '0' && headers['transfer-encoding'] === undefined) return new URLSearchParams();
  const isForm = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;
  const isPacked = !/^identity$/i.test(headers['content-encoding'] ?? 'identity');
  if (!isForm.test(headers['content-type'] ?? '') || isPacked) {
    throw new ApiError(
      'UnsupportedMediaTypeError',
      'A body of type application/x-www-form-urlencoded is needed, not packed',
    );
  }
  return new URLSearchParams((await bodyOf(request)).toString());
}

function bodyOf(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let size = 0;
    request.on('data', (piece: Buffer) => {
      size += piece.length;
      pieces.push(piece);
      if (size <= formLimit) return;
      request.pause();
      reject(
        new ApiError('PayloadTooLargeError', 'The body is too large', {
          headers: { Connection: 'close' }, // the rest of the body is not read
        }),
      );
    });
    request.on('end', () => resolve(Buffer.concat(pieces)));
    request.on('error', reject);
  });
}
