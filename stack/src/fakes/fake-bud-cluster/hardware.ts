import { createHash } from 'node:crypto';
import type { FleetNode, Hardware } from './types.js';

/** 2025: written by a collector on each node. 2026: read from the node's feature labels. */
export type Shape = '2025' | '2026';

/** A node as `GET /cluster/:id/nodes` lists it. Ids are the same at every start. */
export function nodeAnswer(clusterId: string, node: FleetNode, shape: Shape) {
  const cpu = node.hardware.find(({ kind }) => kind === 'cpu');
  return {
    cluster_id: clusterId,
    name: node.name,
    type: shape === '2025' ? node.type : newType(node.type, node.hardware[0]),
    total_workers: 0,
    available_workers: 0,
    used_workers: 0,
    threads_per_core: cpu?.threadsPerCore ?? 1,
    core_count: cpu?.count ?? 0,
    hardware_info: node.hardware.map((device) =>
      shape === '2025' ? device2025(device) : device2026(device),
    ),
    ...(shape === '2026' ? { internal_ip: node.internalIp } : {}),
    status: true,
    status_sync_at: '2025-07-25T12:00:00',
    id: stableUuid(`${clusterId}/${node.name}`),
    created_at: '2025-07-25T00:00:00Z',
    modified_at: null,
  };
}

function device2025({ kind, name, count, threadsPerCore = 1, memoryGb }: Hardware) {
  const device_info =
    kind === 'cpu'
      ? {
          num_virtual_cores: count * threadsPerCore,
          num_physical_cores: count,
          threads_per_core: threadsPerCore,
        }
      : { memory_gb: memoryGb ?? null };
  return { name, type: kind, device_info, device_config: {}, available_count: count };
}

function device2026(device: Hardware) {
  const { kind, name, vendor, count, memoryGb } = device;
  const type = newType(kind, device);
  const memory = memoryGb === undefined ? {} : { memory_gb: memoryGb, mem_per_GPU_in_GB: memoryGb };
  return {
    device_config: { type, name, vendor, model: name, raw_name: name, count, ...memory },
    total_count: count,
    available_count: count,
    type,
  };
}

/** In 2026 a GPU is called after what programs it, and a CPU after its class. */
function newType(kind: Hardware['kind'], device: Hardware | undefined): string {
  if (kind === 'cpu') return 'cpu_high';
  if (kind === 'hpu') return 'hpu';
  return device?.vendor.toLowerCase().startsWith('amd') ? 'rocm' : 'cuda';
}

function stableUuid(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
}
