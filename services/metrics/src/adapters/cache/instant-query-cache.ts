import { LRUCache } from 'lru-cache';
import type { Answer, MetricSource, Row } from '../../ports.js';

interface CachedAnswer {
  /** When it was evaluated at, Unix seconds. */
  readonly at: number;
  readonly answer: Answer<Row>;
}

/** Memory of a row with its labels, roughly. */
const rowBytes = 300;

/** A source that caches instant queries, for callers that accept an older answer (`maxAge`). */
export function createInstantQueryCache(options: {
  source: MetricSource;
  maxBytes: number;
}): MetricSource {
  const { source, maxBytes } = options;
  if (maxBytes === 0) return source;
  const cache = new LRUCache<string, CachedAnswer>({
    maxSize: maxBytes,
    sizeCalculation: ({ answer }, expr) => rowBytes * answer.series.length + expr.length + 100,
  });
  return {
    ...source,
    async query(expr, at, signal, maxAge = 0) {
      if (maxAge === 0) return source.query(expr, at, signal);
      const cached = cache.get(expr);
      if (cached !== undefined && cached.at <= at && at <= cached.at + maxAge) return cached.answer;
      const answer = await source.query(expr, at, signal);
      // An answer with a note may be one of which a part was missing.
      if (answer.notes.length === 0) cache.set(expr, { at, answer });
      return answer;
    },
  };
}
