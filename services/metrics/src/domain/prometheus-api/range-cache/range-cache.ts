import type { Clock } from '../../../ports.js';
import type { CacheStatus } from '../response/api-response.js';
import type { RangeQuery } from '../scoping/scope-request.js';
import type { LimitedUpstream, TimedResponse } from '../upstream/limited-upstream.js';
import type { UpstreamRequest, UpstreamResponse } from '../upstream/upstream.js';
import { uncacheableReason } from './cacheability.js';
import {
  missingRanges,
  pointRangeOf,
  type Extent,
  type ExtentCache,
  type Part,
} from './extents.js';
import { encodeMatrices } from './matrix-join.js';
import { decodeMatrix, type PointRange } from './matrix.js';

/** A range query as it is sent upstream. */
export interface RangeRequest {
  readonly queueKey: string;
  readonly scopeKey: string;
  readonly upstreamRequest: UpstreamRequest;
}

/** A response from an extent; with a gap it may be that the store was unwell for once. */
export type RangeResponse = TimedResponse & CacheStatus & { readonly hasGap: boolean };

/** Answers range queries from cached extents: only the points that are missing are fetched. */
export interface RangeCache {
  /** The response from an extent and what was missing of it; null where the whole must be fetched. */
  get(request: RangeRequest, range: RangeQuery, signal: AbortSignal): Promise<RangeResponse | null>;
  /** The cache status of a request that was fetched as a whole. */
  missStatus(range: RangeQuery | undefined): CacheStatus;
  /** Stores the settled points of a range that was fetched as a whole; `requestedAt` in ms. */
  set(scopeKey: string, range: RangeQuery, response: { body: Buffer; requestedAt: number }): void;
}

export function createRangeCache(options: {
  extents: ExtentCache;
  upstream: LimitedUpstream;
  clock: Clock;
  /** Bytes up to which a response is decoded: decoding more would block the event loop. */
  windowBytes: number;
}): RangeCache {
  const { extents, upstream, clock, windowBytes } = options;

  async function fetchPart(
    { queueKey, upstreamRequest }: RangeRequest,
    query: RangeQuery,
    range: PointRange,
    signal: AbortSignal,
  ) {
    const form = new URLSearchParams(upstreamRequest.form);
    form.set('start', String(range.start));
    form.set('end', String(range.end));
    const partRequest = { ...upstreamRequest, form: form.toString() };
    const response = await upstream.send(queueKey, partRequest, signal);
    const body = await wholeBody(response, windowBytes);
    const decoded = body !== null && response.status === 200 ? decodeMatrix(body, query) : null;
    return { ...response, range, body, decoded: decoded?.ok === true ? decoded : null };
  }

  return {
    async get(request, range, signal) {
      if (uncacheableReason(range) !== null) return null;
      const { scopeKey } = request;
      const extent = extents.get(scopeKey, range);
      const requested = pointRangeOf(range);
      const missing = extent === undefined ? null : missingRanges(extent, requested, range.step);
      if (extent === undefined || missing === null) return null;

      const at = clock.now();
      const parts = await Promise.all(
        missing.map((part) => fetchPart(request, range, part, signal)),
      );
      const storeSeconds = Math.max(0, ...parts.map((part) => part.storeSeconds));
      const refused = parts.find(({ status }) => status !== 200);
      if (refused?.body) {
        // The store would refuse the whole likewise.
        const { status, body } = refused;
        const reason = 'the store refused a part of it';
        return {
          status,
          first: body,
          rest: null,
          storeSeconds: refused.storeSeconds,
          cache: 'partial',
          reason,
          hasGap: false,
        };
      }
      const fetched = parts.flatMap(({ decoded, range: own }) =>
        decoded === null ? [] : { ...own, matrix: decoded.matrix, infos: decoded.infos },
      );
      if (fetched.length < parts.length) return null;
      const ordered = inOrderOfTime(extent, fetched);
      const infos = [...new Set([extent.infos, ...fetched.map((part) => part.infos)].flat())];
      // A store that is unwell may answer with nothing for once: next to points it is taken for a gap.
      const isEmpty = ({ matrix }: Part) => matrix.size === 0;
      const hasGap = !extent.parts.every(isEmpty) && fetched.some(isEmpty);
      if (fetched.length > 0 && !hasGap) {
        const start = Math.min(extent.start, requested.start);
        const end = Math.max(extent.end, requested.end);
        const { since } = extent;
        extents.set(scopeKey, range, { start, end, parts: ordered, infos, since, at });
      }
      const matrices = ordered.map(({ matrix }) => matrix);
      const first = encodeMatrices(matrices, requested, infos);
      const cacheStatus: CacheStatus =
        fetched.length === 0
          ? { cache: 'hit', reason: 'all points are kept' }
          : { cache: 'partial', reason: `${countPoints(missing, range)} points were fetched` };
      return { status: 200, first, rest: null, storeSeconds, hasGap, ...cacheStatus };
    },
    missStatus(range) {
      const reason = range === undefined ? null : uncacheableReason(range);
      if (reason !== null) return { cache: 'bypass', reason };
      return { cache: 'miss', reason: 'nothing is kept of it' };
    },
    set(scopeKey, range, { body, requestedAt: at }) {
      if (uncacheableReason(range) !== null || !extents.hasSettled(range.start, at)) return;
      const decoded = decodeMatrix(body, range);
      if (!decoded.ok) return;
      const { matrix, infos } = decoded;
      const points = pointRangeOf(range);
      const parts = [{ ...points, matrix }];
      extents.set(scopeKey, range, { ...points, parts, infos, since: at / 1000, at });
    },
  };
}

/** The parts of an extent with what was fetched before and after it. */
function inOrderOfTime(extent: Extent, fetched: readonly Part[]): readonly Part[] {
  const before = fetched.filter(({ start }) => start < extent.start);
  const after = fetched.filter(({ start }) => start >= extent.start);
  return [...before, ...extent.parts, ...after];
}

const countPoints = (ranges: readonly PointRange[], { step }: RangeQuery): number =>
  ranges.reduce((sum, { start, end }) => sum + Math.round((end - start) / step) + 1, 0);

/** All of a body; null where it is longer than `maxBytes`. */
async function wholeBody(
  { first, rest }: UpstreamResponse,
  maxBytes: number,
): Promise<Buffer | null> {
  if (rest === null) return first;
  const chunks = [first];
  let size = first.length;
  for await (const chunk of rest) {
    size += chunk.length;
    if (size > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
