import type { Scope } from '../promql/scope.js';
import { aloneFigure, type AloneFigure } from './fallback.js';
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
  reads: [total, available, ...parts],
  select: (scope, name) => scope.select(name),
  sum: (expr) => `sum by (instance) (${expr})`,
  total: (_scope, read) => read(total),
  free(scope, read) {
    const sum = `(${parts.map(read).join(' + ')})`;
    if (!parts.every((part) => scope.has(part))) return read(available);
    return scope.has(available) ? `(${read(available)} or ${sum})` : sum;
  },
});

/** How many nodes lack MemAvailable, and offer what stands in for it; `rangeMs` back. */
export function aloneMemory(scope: Scope, rangeMs: number): AloneFigure[] {
  const [free] = parts;
  if (!scope.has(available) || !scope.has(free)) return [];
  const [own, better] = [scope.select(free), [scope.select(available)]];
  return [aloneFigure(free, { own, better, by: 'instance', rangeMs })];
}

/** What the fleet reads by the same definition. */
export const memoryReads = { total, available, parts } as const;
