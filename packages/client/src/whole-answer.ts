import { promisify } from 'node:util';
import { brotliDecompress, unzip } from 'node:zlib';

import type { Dispatcher } from 'undici';

import { exchange, type Opened } from './exchange.js';
import { tooLargeCode } from './network-failure.js';

/** An answer that has come to its end, unpacked. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: Opened['headers'];
  readonly text: string;
}

type Unpack = (packed: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const unzipAny: Unpack = promisify(unzip);
const unpackers: Partial<Record<string, Unpack>> = {
  gzip: unzipAny,
  deflate: unzipAny,
  br: promisify(brotliDecompress),
};

/** What may be asked for as `accept-encoding`. */
export const readableEncodings = Object.keys(unpackers).join(', ');

/**
 * One request whose answer is read to its end: above `maxBytes` (unpacked) it is given up.
 * Rejects with the signal's reason as soon as that fires, connected or not.
 */
export function fetchWhole(
  pool: Dispatcher,
  options: Dispatcher.DispatchOptions,
  { signal, maxBytes }: { signal: AbortSignal; maxBytes: number },
): Promise<WholeAnswer> {
  return new Promise((resolve, reject) => {
    const reason = () => (signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    if (signal.aborted) throw reason();
    const call = exchange(pool, options);
    const leave = () => {
      call.abort(reason());
      reject(reason());
    };
    signal.addEventListener('abort', leave, { once: true });
    call.opened
      .then((answer) => whole(answer, maxBytes))
      .finally(() => signal.removeEventListener('abort', leave))
      .then(resolve, reject);
  });
}

async function whole(opened: Opened, maxBytes: number): Promise<WholeAnswer> {
  const { status, headers, first, rest } = opened;
  const packed = rest === null ? first : await joined(first, rest, maxBytes);
  if (packed.length > maxBytes) throw tooLarge();
  const unpack = unpackers[String(headers['content-encoding']).toLowerCase()];
  const body =
    unpack === undefined || packed.length === 0
      ? packed
      : await unpack(packed, { maxOutputLength: maxBytes });
  return { status, headers, text: decoder.decode(body) };
}

const decoder = new TextDecoder();

async function joined(first: Buffer, rest: AsyncIterable<Buffer>, maxBytes: number) {
  const pieces = [first];
  let size = first.length;
  for await (const piece of rest) {
    size += piece.length;
    if (size > maxBytes) throw tooLarge();
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function tooLarge(): Error {
  return Object.assign(new Error('too large'), { code: tooLargeCode });
}
