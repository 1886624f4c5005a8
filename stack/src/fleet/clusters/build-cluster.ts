import { placePods } from './placement.js';
import type { WorkloadPlan } from './placement.js';
import { uuid } from '../random.js';
import type { Cluster, Exporters, FleetNode } from '../types.js';

const GIB = 2 ** 30;

/** Everything was started this many seconds before the anchor: earlier than any history. */
export const UPTIME = 100 * 86_400;

export interface NodePlan extends Partial<Omit<FleetNode, 'name' | 'ip' | 'cores' | 'use'>> {
  cores: number;
  gib: number;
  /** Mean shares in use; cpu at most 0.45, so that its daily peak stays below all cores. */
  cpu?: number;
  disk?: number;
}

/** Fills in what a fleet's nodes have in common. */
export function nodeMaker(anchor: number) {
  return (name: string, ip: string, plan: NodePlan): FleetNode => {
    const { gib, cpu = 0.2, disk = 0.41, cores, ...rest } = plan;
    return {
      name,
      ip,
      cores,
      controlPlane: false,
      memoryBytes: gib * GIB,
      diskBytes: 200 * GIB,
      use: { cpu, memory: 0.35 + cpu / 2, disk },
      traffic: { receive: cores * 700_000, transmit: cores * 550_000 },
      gpus: [],
      rapl: false,
      platformPower: false,
      boots: [anchor - UPTIME],
      incidents: {},
      oddities: {},
      ...rest,
    };
  };
}

export interface ClusterPlan {
  seed: number;
  name: string;
  nodes: readonly FleetNode[];
  /** All but Kepler and rules unless told. */
  exporters?: Partial<Exporters>;
  workloads: readonly WorkloadPlan[];
}

/** A cluster whose id follows from seed and name. */
export function buildCluster(plan: ClusterPlan): Cluster {
  const { seed, name, nodes } = plan;
  const id = uuid(seed, 'cluster', name);
  return {
    id,
    name,
    exporters: {
      nodeExporter: true,
      kubelet: true,
      kubeStateMetrics: true,
      kepler: 'none',
      recordingRules: 'none',
      inference: false,
      ...plan.exporters,
    },
    nodes,
    pods: placePods(id, nodes, plan.workloads),
  };
}
