import { buildCluster, nodeMaker } from './build-cluster.js';
import { platformWorkloads } from './demo-workloads.js';
import { uuid } from '../random.js';
import type { Cluster } from '../types.js';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/**
 * A cluster as they are found in the field: each node is scraped at an interval of its own, one by two exporters,
 * one has bonded devices, one a read-only root, one a GPU in slices, and one took the address of another. It is
 * three hours old.
 */
export function fieldCluster({ anchor, seed }: { anchor: number; seed: number }): Cluster {
  const node = nodeMaker(anchor);
  const boots = [anchor - 3 * HOUR];
  const sliced = {
    vendor: 'nvidia',
    model: 'NVIDIA H100 80GB HBM3',
    uuid: `GPU-${uuid(seed, 'sliced', 0)}`,
    memoryBytes: 81_559 * 2 ** 20,
    maxWatts: 700,
    use: 0.5,
    slices: [3, 2, 1, 1],
  } as const;
  const nodes = [
    node('field-twice', '10.30.0.11', {
      cores: 2,
      gib: 8,
      cpu: 0.4,
      boots,
      rapl: true,
      oddities: { scrapeInterval: 15, secondExporter: true },
    }),
    node('field-bonded', '10.30.0.12', {
      cores: 2,
      gib: 8,
      cpu: 0.1,
      boots,
      oddities: { bonded: true },
    }),
    node('field-immutable', '10.30.0.13', {
      cores: 2,
      gib: 8,
      cpu: 0.2,
      boots,
      oddities: { scrapeInterval: 120, readOnlyRoot: true },
    }),
    node('field-sliced', '10.30.0.14', {
      cores: 4,
      gib: 64,
      cpu: 0.25,
      boots,
      gpus: [sliced],
      oddities: { scrapeInterval: 30 },
    }),
    node('field-before', '10.30.0.15', {
      cores: 4,
      gib: 8,
      cpu: 0.45,
      boots,
      incidents: { vanishedAt: anchor - 75 * MINUTE },
    }),
    node('field-after', '10.30.0.15', {
      cores: 2,
      gib: 8,
      cpu: 0.15,
      boots: [anchor - 60 * MINUTE],
    }),
  ];
  return buildCluster({
    seed,
    name: 'field-mixed',
    nodes,
    workloads: platformWorkloads({ kepler: false }),
  });
}
