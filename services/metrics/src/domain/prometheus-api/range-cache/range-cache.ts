import type { Clock } from '../../../ports.js';
import { missingOf, spanOf, whyNoExtents, type Extents } from './extents.js';
import { printMatrices, readMatrix, type Span } from './matrix.js';
import type { Reply } from '../upstream/single-flight.js';
import type { RangeCall, StoreCall } from '../scoping/scope-request.js';
import type { StoreTurns } from '../upstream/concurrency-limit.js';

/** How an answer came about, and why so in a few words. */
export interface Provenance {
  readonly cache: 'hit' | 'partial' | 'miss' | 'bypass';
  readonly reason: string;
}

export interface RangeAnswers {
  /** An answer from what is kept, the rest of it fetched; null where it must be asked as a whole. */
  find(
    ask: { cluster: string; scope: string; call: StoreCall },
    range: RangeCall,
    signal: AbortSignal,
  ): Promise<(Reply & Provenance & { storeSeconds: number }) | null>;
  /** How a call that was asked as a whole stands to what is kept. */
  why(range: RangeCall | undefined): Provenance;
  /** Keeps the settled points of a range that was asked as a whole; `at` is when, ms. */
  learn(scope: string, range: RangeCall, answer: { body: Buffer; at: number }): void;
}

export function createRangeAnswers(options: {
  extents: Extents;
  turns: StoreTurns;
  clock: Clock;
  /** Bytes of an answer up to which its points are read: reading more would hold others up. */
  windowBytes: number;
}): RangeAnswers {
  const { extents, turns, clock, windowBytes } = options;

  async function fetch(
    ask: { cluster: string; call: StoreCall },
    range: RangeCall,
    { start, end }: Span,
    signal: AbortSignal,
  ) {
    const form = new URLSearchParams(ask.call.form);
    form.set('start', String(start));
    form.set('end', String(end));
    const call = { ...ask.call, form: form.toString() };
    const reply = await turns.send(ask.cluster, call, signal);
    const body = await wholeOf(reply, windowBytes);
    const read = body !== null && reply.status === 200 ? readMatrix(body, range) : null;
    return { ...reply, body, matrix: read?.ok === true ? read : null };
  }

  return {
    async find(ask, range, signal) {
      if (whyNoExtents(range) !== null) return null;
      const extent = extents.get(ask.scope, range);
      const span = spanOf(range);
      const missing = extent === undefined ? null : missingOf(extent, span, range.step);
      if (extent === undefined || missing === null) return null;

      const at = clock.now();
      const parts = await Promise.all(missing.map((part) => fetch(ask, range, part, signal)));
      const storeSeconds = Math.max(0, ...parts.map((part) => part.storeSeconds));
      const refused = parts.find(({ status }) => status !== 200);
      if (refused?.body) {
        // It would say the same of the whole.
        const reason = 'the store refused a part of it';
        return { ...refused, first: refused.body, rest: null, cache: 'partial', reason };
      }
      const fetched = parts.flatMap(({ matrix }) => matrix ?? []);
      if (fetched.length < parts.length) return null;
      const [head, ...tail] = fetched.map(({ matrix }) => matrix);
      const isHead = head !== undefined && (missing[0]?.start ?? 0) < extent.start;
      const ordered = isHead
        ? [head, extent.matrix, ...tail]
        : [extent.matrix, ...(head === undefined ? [] : [head])];
      const all = {
        start: Math.min(extent.start, span.start),
        end: Math.max(extent.end, span.end),
      };
      const infos = [...new Set([extent.infos, ...fetched.map((part) => part.infos)].flat())];
      if (fetched.length > 0) {
        extents.keep(ask.scope, range, { ...all, parts: ordered, infos, since: extent.since, at });
      }
      return {
        ...{ status: 200, first: printMatrices(ordered, span, infos), rest: null },
        ...(fetched.length === 0
          ? { cache: 'hit', reason: 'all points are kept' }
          : { cache: 'partial', reason: `${points(missing, range)} points were fetched` }),
        storeSeconds,
      };
    },
    why(range) {
      const reason = range === undefined ? null : whyNoExtents(range);
      if (reason !== null) return { cache: 'bypass', reason };
      return { cache: 'miss', reason: 'nothing is kept of it' };
    },
    learn(scope, range, { body, at }) {
      if (whyNoExtents(range) !== null || !extents.settles(range.start, at)) return;
      const read = readMatrix(body, range);
      if (!read.ok) return;
      const { matrix, infos } = read;
      extents.keep(scope, range, {
        ...spanOf(range),
        parts: [matrix],
        infos,
        since: at / 1000,
        at,
      });
    },
  };
}

const points = (spans: readonly Span[], { step }: RangeCall): number =>
  spans.reduce((sum, { start, end }) => sum + Math.round((end - start) / step) + 1, 0);

/** All of a body; null where it is longer than `most` bytes. */
async function wholeOf({ first, rest }: Reply, most: number): Promise<Buffer | null> {
  if (rest === null) return first;
  const pieces = [first];
  let size = first.length;
  for await (const piece of rest) {
    size += piece.length;
    if (size > most) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
