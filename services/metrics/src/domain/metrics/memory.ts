import type { Scope } from '../promql/scope.js';
import type { FallbackFigure } from '../targets/probe.js';
import { fallbackFigure } from '../targets/fallback.js';
import { shareMetric } from './share.js';

const total = 'node_memory_MemTotal_bytes';
const available = 'node_memory_MemAvailable_bytes';
/** What kernels without MemAvailable offer instead. */
const parts = [
  'node_memory_MemFree_bytes',
  'node_memory_Buffers_bytes',
  'node_memory_Cached_bytes',
] as const;

/** Memory: `used = total - MemAvailable`. */
export const memory = shareMetric({
  id: 'memory',
  metricNames: [total, available, ...parts],
  sum: (expr) => `sum by (instance) (${expr})`,
  total: (scope, { perInstance }) => perInstance(scope.select(total)),
  free(scope, { perInstance }) {
    const sum = `(${parts.map((part) => perInstance(scope.select(part))).join(' + ')})`;
    const best = perInstance(scope.select(available));
    if (!parts.every((part) => scope.has(part))) return best;
    return scope.has(available) ? `(${best} or ${sum})` : sum;
  },
});

/** How many nodes had the parts but not MemAvailable in the `rangeMs` before. */
export function memoryFallbackFigures(scope: Scope, rangeMs: number): FallbackFigure[] {
  const [free] = parts;
  if (!scope.has(available) || !scope.has(free)) return [];
  return [
    fallbackFigure(free, {
      own: scope.select(free),
      better: [scope.select(available)],
      by: 'instance',
      rangeMs,
    }),
  ];
}

/** Metrics, for expressions over many clusters. */
export const memorySource = { total, available, parts } as const;
