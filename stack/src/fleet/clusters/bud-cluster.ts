import type { FleetCluster, Hardware, NodeEvent } from '../../fakes/fake-bud-cluster/types.js';
import type { Fleet, FleetNode, Gpu } from '../types.js';

const GIB = 2 ** 30;
const KINDS = { nvidia: 'gpu', amd: 'gpu', gaudi: 'hpu' } as const;
const VENDORS = { nvidia: 'NVIDIA', amd: 'AMD', gaudi: 'Intel' } as const;

/** The fleet as bud-cluster knows it at its anchor: hardware and events. Vanished nodes are deleted. */
export function fleetForBudCluster(fleet: Fleet): FleetCluster[] {
  return fleet.clusters.map(({ id, name, nodes }) => ({
    clusterId: id,
    name,
    nodes: nodes
      .filter(({ incidents }) => incidents.vanishedAt === undefined)
      .map((node) => ({
        name: node.name,
        internalIp: node.ip,
        type: node.gpus[0] === undefined ? 'cpu' : KINDS[node.gpus[0].vendor],
        hardware: hardware(node),
        events: events(node, fleet.anchor),
      })),
  }));
}

/** Accelerators first: bud-cluster calls a node after its first device. */
function hardware({ cores, gpus }: FleetNode): Hardware[] {
  const [gpu] = gpus;
  return [
    ...(gpu === undefined ? [] : [accelerator(gpu, gpus.length)]),
    {
      kind: 'cpu',
      name: 'Intel(R) Xeon(R) Platinum 8480+',
      vendor: 'Intel',
      count: cores / 2,
      threadsPerCore: 2,
    },
  ];
}

function accelerator({ vendor, model, memoryBytes }: Gpu, count: number): Hardware {
  return {
    kind: KINDS[vendor],
    name: model,
    vendor: VENDORS[vendor],
    count,
    memoryGb: Math.round(memoryBytes / GIB),
  };
}

/** What Kubernetes said of the node lately; its events are kept for an hour. */
function events(node: FleetNode, anchor: number): NodeEvent[] {
  const { name, incidents } = node;
  const event = (
    type: NodeEvent['type'],
    reason: string,
    message: string,
    { count, since, component }: { count: number; since: number; component: string },
  ): NodeEvent => ({
    type,
    reason,
    message,
    count,
    first_timestamp: iso(since),
    last_timestamp: iso(Math.min(anchor, since + 60 * (count - 1))),
    source: { component, host: name },
  });
  const found: NodeEvent[] = [];
  if (incidents.notReadySince !== undefined) {
    const since = incidents.notReadySince;
    const status = `Node ${name} status is now: NodeNotReady`;
    const from = { count: 1, since, component: 'node-controller' };
    found.push(event('Warning', 'NodeNotReady', status, from));
    const full = 'failed to garbage collect required amount of images';
    const kubelet = { count: 6, since: since - 600, component: 'kubelet' };
    found.push(event('Warning', 'FreeDiskSpaceFailed', full, kubelet));
  }
  if (incidents.hotSince !== undefined) {
    const slow = 'PLEG is not healthy: pleg was last seen active 3m4s ago';
    const from = { count: 3, since: anchor - 1800, component: 'kubelet' };
    found.push(event('Warning', 'ContainerGCFailed', slow, from));
  }
  if (incidents.errorsPerSecond !== undefined) {
    const link = 'eth0: link is down, then up';
    const from = { count: 4, since: anchor - 2400, component: 'node-problem-detector' };
    found.push(event('Warning', 'NetworkUnstable', link, from));
  }
  return found;
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
