import type { WorkloadPlan } from './placement.js';

/** The daemon sets and controllers that every cluster of the fleet runs. */
export function platformWorkloads(exporters: { kepler: boolean }): WorkloadPlan[] {
  const agent = (
    namespace: string,
    name: string,
    cpu: number,
    memoryMib: number,
  ): WorkloadPlan => ({
    namespace,
    name,
    kind: 'DaemonSet',
    hostNetwork: true,
    containers: [{ name, cpu, memoryMib, limited: false }],
  });
  return [
    agent('kube-system', 'kube-proxy', 0.01, 40),
    agent('kube-system', 'calico-node', 0.04, 150),
    agent('bud-system', 'node-exporter', 0.01, 25),
    ...(exporters.kepler ? [agent('bud-system', 'kepler', 0.03, 90)] : []),
    {
      namespace: 'kube-system',
      name: 'coredns',
      kind: 'Deployment',
      replicas: 2,
      traffic: 20_000,
      containers: [{ name: 'coredns', cpu: 0.03, memoryMib: 50 }],
    },
    {
      namespace: 'bud-system',
      name: 'kube-state-metrics',
      kind: 'Deployment',
      traffic: 15_000,
      containers: [{ name: 'kube-state-metrics', cpu: 0.02, memoryMib: 80 }],
    },
    {
      namespace: 'bud-system',
      name: 'prometheus',
      kind: 'StatefulSet',
      traffic: 150_000,
      containers: [{ name: 'prometheus', cpu: 0.25, memoryMib: 1400, disk: 25 }],
    },
  ];
}

/** A shop: front ends, services with a proxy beside them, data stores. */
export const shopWorkloads: readonly WorkloadPlan[] = [
  {
    namespace: 'shop',
    name: 'frontend',
    kind: 'Deployment',
    replicas: 3,
    traffic: 900_000,
    containers: [{ name: 'web', cpu: 0.4, memoryMib: 350 }],
  },
  {
    namespace: 'shop',
    name: 'checkout',
    kind: 'Deployment',
    replicas: 2,
    traffic: 350_000,
    containers: [
      { name: 'app', cpu: 0.35, memoryMib: 600 },
      { name: 'istio-proxy', cpu: 0.05, memoryMib: 90 },
    ],
  },
  {
    namespace: 'shop',
    name: 'catalog',
    kind: 'Deployment',
    replicas: 2,
    traffic: 500_000,
    containers: [{ name: 'app', cpu: 0.3, memoryMib: 800 }],
  },
  {
    namespace: 'data',
    name: 'postgres',
    kind: 'StatefulSet',
    replicas: 2,
    traffic: 700_000,
    containers: [{ name: 'postgres', cpu: 0.45, memoryMib: 2800, disk: 90 }],
  },
  {
    namespace: 'data',
    name: 'redis',
    kind: 'StatefulSet',
    traffic: 400_000,
    containers: [{ name: 'redis', cpu: 0.12, memoryMib: 900, disk: 6 }],
  },
];

/** Jobs without end, one of them too big for every node. */
export function batchWorkloads(encoderNode: string): WorkloadPlan[] {
  return [
    {
      namespace: 'batch',
      name: 'video-encoder',
      kind: 'Deployment',
      on: encoderNode,
      traffic: 1_200_000,
      containers: [{ name: 'encoder', cpu: 2.2, memoryMib: 3000, disk: 40, limited: false }],
    },
    {
      namespace: 'batch',
      name: 'report-builder',
      kind: 'Deployment',
      waits: true,
      containers: [{ name: 'builder', cpu: 24, memoryMib: 64_000 }],
    },
  ];
}

/** Training and serving of models, one pod for each node with accelerators. */
export function trainingWorkloads(nodes: readonly string[]): WorkloadPlan[] {
  return [
    ...nodes.map((on, index): WorkloadPlan => ({
      namespace: 'training',
      name: `trainer-${index}`,
      kind: 'StatefulSet',
      on,
      traffic: 6_000_000,
      containers: [{ name: 'trainer', cpu: 1.4, memoryMib: 9000, disk: 160 }],
    })),
    {
      namespace: 'serving',
      name: 'llm-gateway',
      kind: 'Deployment',
      replicas: 2,
      traffic: 300_000,
      containers: [{ name: 'gateway', cpu: 0.2, memoryMib: 500 }],
    },
  ];
}
