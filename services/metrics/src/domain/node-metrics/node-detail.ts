import type { NetworkRate, NodeDetail } from '@bud-monitoring/contracts';
import { mbpsBounds, percentBounds, percentOf, plausible } from '../bounds.js';
import type { NetworkCounter } from '../metrics/network.js';
import { isReporting } from '../nodes/heartbeats.js';
import { hostnameOf, type Node } from '../nodes/inventory.js';
import { onGrid } from '../promql/grid.js';
import type { QueryResults } from '../promql/queries.js';
import { gib, round } from '../units.js';
import { memoryFallbacks } from './cgroups.js';
import { conditionsOf } from './conditions.js';
import type { NodeFacts } from './node-facts.js';

/** Whether CPU or memory of a node must come from the cgroups. */
export function lacksSource(facts: NodeFacts, node: Node): boolean {
  const read = facts.read(node);
  if (!isReporting(read)) return true;
  return ['cpu:busy', 'memory:free'].some((figure) => read(figure) === null);
}

/** Whether CPU must come from containers: root cgroups say nothing at all, or nothing of a node that is there. */
export function lacksContainers(facts: NodeFacts, [roots]: readonly QueryResults[]): boolean {
  if (roots === undefined || roots.failures.length > 0) return false;
  const lacks = (node: Node) => facts.isInKubernetes(node) && cpuOf(facts, node).current === null;
  return roots.instant.size === 0 || facts.nodes.some(lacks);
}

/** Whether a node has come since its size was read. */
export function lacksSize(facts: NodeFacts, node: Node): boolean {
  const read = facts.read(node);
  return read('cpu:busy') !== null && read('cpu:cores') === null;
}

/** One node of the answer. */
export function toNodeDetail(
  facts: NodeFacts,
  node: Node,
  events: ReadonlyMap<string, number> | null,
): NodeDetail {
  const known = facts.directory(node);
  return {
    node: node.key,
    hostname: hostnameOf(node),
    ...conditionsOf((figure) => facts.labelled(figure, node)),
    system_info: systemOf(facts, node),
    pods: podsOf(facts, node),
    cpu: cpuOf(facts, node),
    memory: memoryOf(facts, node),
    network: { bandwidth: bandwidthOf(facts, node), stats: statsOf(facts, node) },
    events_count: eventsOf(node, events),
    capacity: capacityOf(facts, node),
    id: known?.id ?? null,
    devices: known?.devices ?? null,
  };
}

function systemOf(facts: NodeFacts, node: Node): NodeDetail['system_info'] {
  const uname = facts.identity.uname.get(node);
  const kubernetes = facts.identity.kubernetes.get(node);
  return {
    os: uname?.['sysname'] ?? nonEmpty(kubernetes?.['os_image']),
    kernel: uname?.['release'] ?? nonEmpty(kubernetes?.['kernel_version']),
    architecture: uname?.['machine'] ?? null,
  };
}

function nonEmpty(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}

function podsOf(facts: NodeFacts, node: Node): NodeDetail['pods'] {
  return {
    current: facts.read(node)('pods:running'),
    max: capacityNumber(facts, node, 'pods'),
    available: facts.count('pods:available', node),
    desired: facts.count('pods:desired', node),
  };
}

function cpuOf(facts: NodeFacts, node: Node): NodeDetail['cpu'] {
  const read = facts.read(node);
  const own = isReporting(read) ? read('cpu:busy') : null;
  const current = own ?? read('fallback:cpu');
  const capacity = read('cpu:cores') ?? capacityNumber(facts, node, 'cpu') ?? read('machine:cpu');
  return {
    current: round(current),
    capacity: round(capacity),
    usage_percent: percent(current, capacity),
  };
}

function memoryOf(facts: NodeFacts, node: Node): NodeDetail['memory'] {
  const read = facts.read(node);
  const total = isReporting(read) ? read('memory:total') : null;
  const free = isReporting(read) ? read('memory:free') : null;
  const used =
    total !== null && free !== null
      ? total - free
      : (memoryFallbacks.map(read).find((value) => value !== null) ?? null);
  const capacity = total ?? capacityNumber(facts, node, 'memory') ?? read('machine:memory');
  return {
    current: round(used === null ? null : used / gib),
    capacity: round(capacity === null ? null : capacity / gib),
    usage_percent: percent(used, capacity),
  };
}

function percent(part: number | null, whole: number | null): number | null {
  const value = percentOf(part, whole);
  return value === null ? null : round(plausible(value, percentBounds));
}

function bandwidthOf(facts: NodeFacts, node: Node): NodeDetail['network']['bandwidth'] {
  const received = facts.ranged('receive', node);
  const sent = facts.ranged('transmit', node);
  if (received === undefined || sent === undefined) return [];
  const { hours } = facts.window;
  const [inbound, outbound] = [onGrid(received, hours), onGrid(sent, hours)];
  return Array.from(inbound, (value, index) => ({
    timestamp: hours.start + index * hours.step,
    mbps: round(plausible(value + (outbound[index] ?? NaN), mbpsBounds), 3),
  }));
}

function statsOf(facts: NodeFacts, node: Node): NodeDetail['network']['stats'] {
  const read = facts.read(node);
  const stat = (name: NetworkCounter): NetworkRate => {
    const { times = [], values = [] } = facts.ranged(`stat:${name}`, node) ?? {};
    const now = read(`stat:${name}`);
    // At full steps the end is the last point.
    const before = values.filter((_, at) => times[at] !== facts.window.end);
    const points = (now === null ? before : [...before, now]).filter(Number.isFinite);
    const current = round(isReporting(read) ? now : null, 3);
    // The end alone is no hour.
    const isPart = values.length === 0 && facts.failed(`stat:${name}`);
    if (points.length === 0 || isPart) return { current, avg: null, max: null };
    return {
      current,
      avg: round(points.reduce((sum, value) => sum + value, 0) / points.length, 3),
      max: round(Math.max(...points), 3),
    };
  };
  return {
    unit: 'per second',
    receive_errors: stat('receive_errors'),
    transmit_errors: stat('transmit_errors'),
    receive_packets_dropped: stat('receive_packets_dropped'),
    transmit_packets_dropped: stat('transmit_packets_dropped'),
  };
}

function eventsOf(node: Node, events: ReadonlyMap<string, number> | null): number | null {
  const names = [node.name, node.nodename].map((name) => name?.toLowerCase() ?? '');
  return names.map((name) => events?.get(name)).find((count) => count !== undefined) ?? null;
}

/** Numbers as kube-state-metrics writes them, without an exponent. */
function capacityOf(facts: NodeFacts, node: Node): NodeDetail['capacity'] {
  const rows = facts.labelled('capacity', node).map(({ metric, value }) => {
    return [metric['resource'] ?? '', String(value)] as const;
  });
  const read = facts.read(node);
  const old = ['cpu', 'memory', 'pods'].flatMap((resource) => {
    const value = read(`capacity:${resource}`);
    return value === null ? [] : [[resource, String(value)] as const];
  });
  return Object.fromEntries([...old, ...rows]);
}

function capacityNumber(facts: NodeFacts, node: Node, resource: string): number | null {
  const row = facts
    .labelled('capacity', node)
    .find(({ metric }) => metric['resource'] === resource);
  return row?.value ?? facts.read(node)(`capacity:${resource}`);
}
