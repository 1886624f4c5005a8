import { hex, suffix, unit, uuid } from '../random.js';
import type { Container, FleetNode, Pod, Workload } from '../types.js';

const MIB = 2 ** 20;

/** A workload to place: what its pods are and where they go. */
export interface WorkloadPlan {
  readonly namespace: string;
  readonly name: string;
  readonly kind: Workload['kind'];
  /** Pods; a daemon set has one on every node whatever this says. */
  readonly replicas?: number;
  /** The only node its pods may run on. */
  readonly on?: string;
  /** No node fits: its pods wait. */
  readonly waits?: boolean;
  readonly hostNetwork?: boolean;
  /** Bytes a second of each pod. */
  readonly traffic?: number;
  readonly containers: readonly ContainerPlan[];
}

export interface ContainerPlan {
  readonly name: string;
  /** Mean cores and MiB; asked for are somewhat more, and twice that is the limit. */
  readonly cpu: number;
  readonly memoryMib: number;
  /** Disk reads a second. */
  readonly disk?: number;
  readonly limited?: boolean;
}

/** Gives every workload its pods and every pod its node, in turn over the workers that are still there. */
export function placePods(
  clusterId: string,
  nodes: readonly FleetNode[],
  plans: readonly WorkloadPlan[],
): Pod[] {
  const workers = nodes.filter(
    ({ controlPlane, incidents }) => !controlPlane && incidents.vanishedAt === undefined,
  );
  let address = 10;
  return plans.flatMap((plan) => {
    const owner = workload(clusterId, plan);
    const hosts = hostsOf(clusterId, plan, nodes, workers);
    return hosts.map((host, index) => {
      address += 1;
      return pod({ clusterId, plan, owner, host, index, address });
    });
  });
}

/** The node of each pod of the plan. */
function hostsOf(
  clusterId: string,
  plan: WorkloadPlan,
  nodes: readonly FleetNode[],
  workers: readonly FleetNode[],
): (FleetNode | null)[] {
  if (plan.kind === 'DaemonSet') return [...nodes];
  const fitting = plan.on === undefined ? workers : nodes.filter(({ name }) => name === plan.on);
  const first = Math.floor(unit(clusterId, plan.namespace, plan.name) * fitting.length);
  return Array.from({ length: plan.replicas ?? 1 }, (_, index) =>
    plan.waits === true ? null : (fitting[(first + index) % fitting.length] ?? null),
  );
}

function workload(clusterId: string, { namespace, name, kind }: WorkloadPlan): Workload {
  const controller =
    kind === 'Deployment'
      ? { kind: 'ReplicaSet', name: `${name}-${hex(9, clusterId, namespace, name)}` }
      : { kind, name };
  return { kind, name, namespace, controller };
}

interface PodPlan {
  clusterId: string;
  plan: WorkloadPlan;
  owner: Workload;
  host: FleetNode | null;
  index: number;
  address: number;
}

function pod({ clusterId, plan, owner, host, index, address }: PodPlan): Pod {
  const { namespace } = plan;
  const key = [clusterId, namespace, owner.name, index];
  const ending = owner.kind === 'StatefulSet' ? String(index) : suffix(5, ...key);
  const name = `${owner.controller.name}-${ending}`;
  const hostNetwork = plan.hostNetwork ?? false;
  return {
    namespace,
    name,
    uid: uuid(...key, 'pod'),
    ip: hostNetwork && host !== null ? host.ip : `10.244.${address >> 8}.${address & 255}`,
    hostNetwork,
    node: host?.name ?? null,
    owner,
    traffic: plan.traffic ?? 2000,
    containers: plan.containers.map((container) => place(container, namespace, key)),
  };
}

function place(plan: ContainerPlan, namespace: string, key: (string | number)[]): Container {
  const cpu = Math.max(0.01, Math.ceil(plan.cpu * 125) / 100);
  const memory = Math.ceil(plan.memoryMib * 1.2) * MIB;
  return {
    name: plan.name,
    image: `${namespace}/${plan.name}:1`,
    id: hex(12, ...key, plan.name),
    use: { cpu: plan.cpu, memory: plan.memoryMib * MIB, disk: plan.disk ?? 0 },
    requests: { cpu, memory },
    limits: plan.limited === false ? null : { cpu: 2 * cpu, memory: 2 * memory },
  };
}
