import { promisify } from 'node:util';
import { brotliDecompress, unzip } from 'node:zlib';

import type { Dispatcher } from 'undici';

import { dispatch, type StreamedResponse } from './dispatch.js';
import { responseTooLargeCode } from './network-error.js';

/** A response read to its end, decompressed. */
export interface BufferedResponse {
  readonly status: number;
  readonly headers: StreamedResponse['headers'];
  readonly body: Buffer;
}

type Decompress = (compressed: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const unzipAny: Decompress = promisify(unzip);
const decompressors: Partial<Record<string, Decompress>> = {
  gzip: unzipAny,
  deflate: unzipAny,
  br: promisify(brotliDecompress),
};

/** Value for `accept-encoding`. */
export const supportedEncodings = Object.keys(decompressors).join(', ');

/**
 * Sends one request and reads the response to its end; more than `maxBytes` (decompressed) is an error.
 * Rejects with the signal's reason as soon as it is aborted, connected or not.
 */
export function fetchBuffered(
  pool: Dispatcher,
  options: Dispatcher.DispatchOptions,
  { signal, maxBytes }: { signal: AbortSignal; maxBytes: number },
): Promise<BufferedResponse> {
  return new Promise((resolve, reject) => {
    const reason = () => (signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    if (signal.aborted) throw reason();
    const request = dispatch(pool, options);
    const onAbort = () => {
      request.abort(reason());
      reject(reason());
    };
    signal.addEventListener('abort', onAbort, { once: true });
    request.response
      .then((response) => readToEnd(response, maxBytes))
      .finally(() => signal.removeEventListener('abort', onAbort))
      .then(resolve, reject);
  });
}

async function readToEnd(response: StreamedResponse, maxBytes: number): Promise<BufferedResponse> {
  const { status, headers, first, rest } = response;
  const compressed = rest === null ? first : await concatenated(first, rest, maxBytes);
  if (compressed.length > maxBytes) throw tooLarge();
  const decompress = decompressors[String(headers['content-encoding']).toLowerCase()];
  const body =
    decompress === undefined || compressed.length === 0
      ? compressed
      : await decompress(compressed, { maxOutputLength: maxBytes });
  return { status, headers, body };
}

async function concatenated(first: Buffer, rest: AsyncIterable<Buffer>, maxBytes: number) {
  const chunks = [first];
  let size = first.length;
  for await (const chunk of rest) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(): Error {
  return Object.assign(new Error('too large'), { code: responseTooLargeCode });
}
