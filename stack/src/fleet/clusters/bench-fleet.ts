import { buildCluster, nodeMaker } from './build-cluster.js';
import type { WorkloadPlan } from './placement.js';
import { unit } from '../random.js';
import type { Exporters, Fleet } from '../types.js';

export interface BenchFleetOptions {
  anchor: number;
  seed?: number;
  nodes: number;
  /** Cores of each node; eight series of CPU time each. */
  cores?: number;
  exporters?: Partial<Exporters>;
}

/** One pod on every node. */
const agent: WorkloadPlan = {
  namespace: 'bench',
  name: 'agent',
  kind: 'DaemonSet',
  containers: [{ name: 'agent', cpu: 0.2, memoryMib: 200 }],
};

/** One big cluster, for benches: `nodes` alike, each with its own use. */
export function benchFleet(options: BenchFleetOptions): Fleet {
  const { anchor, seed = 1, cores = 16, exporters = {} } = options;
  const node = nodeMaker(anchor);
  const nodes = Array.from({ length: options.nodes }, (_, index) =>
    node(`bench-${String(index).padStart(4, '0')}`, `10.100.${index >> 8}.${index & 255}`, {
      cores,
      gib: 4 * cores,
      cpu: 0.1 + 0.3 * unit(seed, 'bench', index),
      rapl: true,
    }),
  );
  const workloads = [agent];
  const cluster = buildCluster({ seed, name: 'bench', nodes, exporters, workloads });
  return { seed, anchor, clusters: [cluster] };
}
