import { buildCluster, nodeMaker, UPTIME } from './build-cluster.js';
import {
  batchWorkloads,
  platformWorkloads,
  shopWorkloads,
  trainingWorkloads,
} from './demo-workloads.js';
import { fieldCluster } from './field-cluster.js';
import { uuid } from '../random.js';
import type { Cluster, Fleet, Gpu } from '../types.js';

const GIB = 2 ** 30;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface FleetOptions {
  /** Unix seconds; the fleet's incidents began in the hours before. */
  anchor: number;
  seed?: number;
}

/**
 * The demo's clusters: one with recording rules, one without that has the same instance addresses,
 * one with kube-state-metrics alone, one with GPUs and Kepler's new names, one like those in the field.
 */
export function demoFleet({ anchor, seed = 1 }: FleetOptions): Fleet {
  const build = { anchor, seed };
  return {
    seed,
    anchor,
    clusters: [
      production(build),
      staging(build),
      edge(build),
      training(build),
      fieldCluster(build),
    ],
  };
}

type Build = Required<FleetOptions>;

function production({ anchor, seed }: Build): Cluster {
  const node = nodeMaker(anchor);
  const metered = { platformPower: true };
  const nodes = [
    node('prod-control-1', '10.20.0.10', {
      ...metered,
      cores: 4,
      gib: 16,
      cpu: 0.18,
      controlPlane: true,
    }),
    node('prod-worker-1', '10.20.0.11', {
      ...metered,
      cores: 8,
      gib: 32,
      cpu: 0.38,
      incidents: { hotSince: anchor - 2 * HOUR },
    }),
    node('prod-worker-2', '10.20.0.12', {
      ...metered,
      cores: 4,
      gib: 32,
      cpu: 0.33,
      boots: [anchor - UPTIME, anchor - 3 * DAY],
      incidents: { errorsPerSecond: 4 },
    }),
    node('prod-worker-3', '10.20.0.13', {
      ...metered,
      cores: 4,
      gib: 16,
      cpu: 0.3,
      incidents: { notReadySince: anchor - 35 * MINUTE },
    }),
    node('prod-worker-4', '10.20.0.14', {
      ...metered,
      cores: 4,
      gib: 16,
      cpu: 0.28,
      incidents: { vanishedAt: anchor - 50 * MINUTE },
    }),
  ];
  return buildCluster({
    seed,
    name: 'production-east',
    nodes,
    exporters: { kepler: 'legacy', recordingRules: 'all' },
    workloads: [
      ...platformWorkloads({ kepler: true }),
      ...shopWorkloads,
      ...batchWorkloads('prod-worker-1'),
    ],
  });
}

/**
 * The same addresses as production's: figures that cross over show at once. Too young for a month to
 * be compared.
 */
function staging({ anchor, seed }: Build): Cluster {
  const node = nodeMaker(anchor);
  const boots = [anchor - 16 * DAY];
  const nodes = [
    node('stage-1', '10.20.0.10', { cores: 4, gib: 8, cpu: 0.1, disk: 0.88, rapl: true, boots }),
    node('stage-2', '10.20.0.11', { cores: 4, gib: 8, cpu: 0.12, rapl: true, boots }),
    node('stage-3', '10.20.0.12', { cores: 4, gib: 8, cpu: 0.08, rapl: true, boots }),
  ];
  return buildCluster({
    seed,
    name: 'staging-west',
    nodes,
    exporters: { kepler: 'none', recordingRules: 'none' },
    workloads: [...platformWorkloads({ kepler: false }), ...shopWorkloads],
  });
}

function edge({ anchor, seed }: Build): Cluster {
  const node = nodeMaker(anchor);
  const nodes = [
    node('edge-1', '192.168.50.11', { cores: 2, gib: 4 }),
    node('edge-2', '192.168.50.12', { cores: 2, gib: 4 }),
    node('edge-3', '192.168.50.13', {
      cores: 2,
      gib: 4,
      incidents: { notReadySince: anchor - 5 * HOUR, readiness: 'false' },
    }),
  ];
  return buildCluster({
    seed,
    name: 'edge-minimal',
    nodes,
    exporters: { nodeExporter: false, kubelet: false, kepler: 'none', recordingRules: 'none' },
    workloads: platformWorkloads({ kepler: false }),
  });
}

function training({ anchor, seed }: Build): Cluster {
  const node = nodeMaker(anchor);
  // Old enough for a month, too young for the one before.
  const boots = [anchor - 33 * DAY];
  const gpus = (count: number, gpu: Omit<Gpu, 'uuid'>) =>
    Array.from({ length: count }, (_, index) => ({
      ...gpu,
      uuid: `${gpu.vendor === 'nvidia' ? 'GPU-' : ''}${uuid(seed, gpu.model, index)}`,
    }));
  const nodes = [
    node('ml-cpu-1', '10.60.0.10', { cores: 4, gib: 32, cpu: 0.25, platformPower: true, boots }),
    node('ml-h100-1', '10.60.0.11', {
      cores: 8,
      gib: 256,
      cpu: 0.42,
      platformPower: true,
      boots,
      gpus: gpus(4, {
        vendor: 'nvidia',
        model: 'NVIDIA H100 80GB HBM3',
        memoryBytes: 81_559 * 2 ** 20,
        maxWatts: 700,
        use: 0.68,
      }),
    }),
    node('ml-mi300-1', '10.60.0.12', {
      cores: 4,
      gib: 256,
      cpu: 0.36,
      boots,
      gpus: gpus(2, {
        vendor: 'amd',
        model: 'AMD Instinct MI300X OAM',
        memoryBytes: 192 * GIB,
        maxWatts: 750,
        use: 0.55,
      }),
    }),
    node('ml-gaudi-1', 'fd00:60::13', {
      cores: 4,
      gib: 256,
      cpu: 0.31,
      boots,
      gpus: gpus(2, {
        vendor: 'gaudi',
        model: 'HL-225',
        memoryBytes: 96 * GIB,
        maxWatts: 600,
        use: 0.6,
      }),
    }),
  ];
  return buildCluster({
    seed,
    name: 'ml-training',
    nodes,
    exporters: { kepler: 'current', recordingRules: 'new', inference: true },
    workloads: [
      ...platformWorkloads({ kepler: true }),
      ...trainingWorkloads(['ml-h100-1', 'ml-mi300-1', 'ml-gaudi-1']),
    ],
  });
}
