import { shareMetric } from './share.js';

const size = 'node_filesystem_size_bytes';
const available = 'node_filesystem_avail_bytes';
const root = { label: 'mountpoint', op: '=', value: '/' } as const;

/** The root filesystem; where a mount shows twice (rootfs), the larger counts and not the sum. */
export const storage = shareMetric({
  id: 'storage',
  metricNames: [size, available],
  select: (scope, name) => scope.select(name, root),
  sum: (expr) => `max by (instance) (sum by (instance, device) (${expr}))`,
  total: (_scope, read) => read(size),
  free: (_scope, read) => read(available),
});

/** Metrics and matcher, for expressions over many clusters. */
export const storageSource = { size, available, root } as const;
