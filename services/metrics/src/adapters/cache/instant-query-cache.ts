import { LRUCache } from 'lru-cache';
import type { Answer, MetricSource, Row } from '../../ports.js';

interface Known {
  /** Unix seconds. */
  readonly at: number;
  readonly answer: Answer<Row>;
}

/** What a row takes with its labels, roughly. */
const rowBytes = 300;

/** A source that answers again what it was told of a moment, where an older answer will do. */
export function createRecentCache(of: { source: MetricSource; maxBytes: number }): MetricSource {
  const { source, maxBytes } = of;
  if (maxBytes === 0) return source;
  const kept = new LRUCache<string, Known>({
    maxSize: maxBytes,
    sizeCalculation: ({ answer }, expr) => rowBytes * answer.series.length + expr.length + 100,
  });
  return {
    ...source,
    async query(expr, at, signal, maxAge = 0) {
      if (maxAge === 0) return source.query(expr, at, signal);
      const known = kept.get(expr);
      if (known !== undefined && known.at <= at && at <= known.at + maxAge) return known.answer;
      const answer = await source.query(expr, at, signal);
      // An answer with a note may be one of which a part was missing.
      if (answer.notes.length === 0) kept.set(expr, { at, answer });
      return answer;
    },
  };
}
