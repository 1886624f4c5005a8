/** The fleet as data. Times are Unix seconds. Every figure follows from it, the seed and the time. */
export interface Fleet {
  readonly seed: number;
  /** The moment the fleet was made for: its incidents happened shortly before. */
  readonly anchor: number;
  readonly clusters: readonly Cluster[];
}

export interface Cluster {
  /** The value of the `cluster` label: a UUID. */
  readonly id: string;
  readonly name: string;
  readonly exporters: Exporters;
  readonly nodes: readonly FleetNode[];
  readonly pods: readonly Pod[];
}

/** Which exporters a cluster runs, and so which series it has. */
export interface Exporters {
  readonly nodeExporter: boolean;
  /** kubelet and cAdvisor. */
  readonly kubelet: boolean;
  readonly kubeStateMetrics: boolean;
  /** `legacy` up to 0.9, `current` from 0.10 on. */
  readonly kepler: 'none' | 'legacy' | 'current';
  /** kube-prometheus-stack's rules: `all` has the names of before and after 2025, `new` only the latter. */
  readonly recordingRules: 'none' | 'new' | 'all';
  /** Servers of models on the nodes with GPUs. */
  readonly inference: boolean;
}

export interface FleetNode {
  /** Kubernetes node name, and what `uname` says. */
  readonly name: string;
  /** Internal address, IPv4 or IPv6 without brackets. */
  readonly ip: string;
  readonly controlPlane: boolean;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  /** Mean use as shares of the whole. */
  readonly use: { readonly cpu: number; readonly memory: number; readonly disk: number };
  /** Mean traffic of the node's real network device, bytes a second. */
  readonly traffic: { readonly receive: number; readonly transmit: number };
  readonly gpus: readonly Gpu[];
  /** Energy counters that the CPU gives: RAPL's through node-exporter, and the zones Kepler sees. */
  readonly rapl: boolean;
  readonly platformPower: boolean;
  /** Boot times in order; each restarts the node's counters at zero. Before the first it is not there. */
  readonly boots: readonly number[];
  readonly incidents: Incidents;
  readonly oddities: Oddities;
}

/** What is not as on most nodes, though nothing is wrong with it. */
export interface Oddities {
  /** Seconds between the samples of its exporters; by default as those of the fleet. */
  readonly scrapeInterval?: number;
  /** Another node-exporter tells the same at another port. */
  readonly secondExporter?: boolean;
  /** The real network device is a bond of two, with a VLAN on top. */
  readonly bonded?: boolean;
  /** The root file system is a small image, the data are under /var. */
  readonly readOnlyRoot?: boolean;
}

/** What is wrong with a node, and since when. */
export interface Incidents {
  /** CPU near the limit. */
  readonly hotSince?: number;
  /** The kubelet no longer reports; `readiness` is what the Ready condition says from then on. */
  readonly notReadySince?: number;
  readonly readiness?: 'false' | 'unknown';
  /** The node and all its series are gone. */
  readonly vanishedAt?: number;
  /** Receive errors a second on the real network device. */
  readonly errorsPerSecond?: number;
}

export interface Gpu {
  readonly vendor: 'nvidia' | 'amd' | 'gaudi';
  readonly model: string;
  readonly uuid: string;
  readonly memoryBytes: number;
  readonly maxWatts: number;
  /** Mean utilisation, 0 to 1. */
  readonly use: number;
  /** Compute slices of each MIG instance that it is divided into. */
  readonly slices?: readonly number[];
}

export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Address of the pod; the node's own for pods on the host's network. */
  readonly ip: string;
  readonly hostNetwork: boolean;
  /** Name of the node, null while it waits for one. */
  readonly node: string | null;
  readonly owner: Workload;
  readonly containers: readonly Container[];
  /** Traffic of the pod's own device, bytes a second. */
  readonly traffic: number;
}

export interface Workload {
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  readonly name: string;
  readonly namespace: string;
  /** A deployment's pods belong to a replica set of this name, others to the workload itself. */
  readonly controller: { readonly kind: string; readonly name: string };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly id: string;
  /** Mean use: cores, bytes of memory, disk operations a second (0: none reported). */
  readonly use: { readonly cpu: number; readonly memory: number; readonly disk: number };
  readonly requests: Resources;
  readonly limits: Resources | null;
}

export interface Resources {
  readonly cpu: number;
  readonly memory: number;
}

export type Labels = Readonly<Record<string, string>>;

/**
 * How closely history is written: `core` is what means over months are made of, `node` and `workload`
 * figures change all the time too, `detail` ones are recorded in sum, `state` is what an API object says and hardly changes.
 */
export type Tier = 'core' | 'node' | 'detail' | 'workload' | 'state';

export interface Series {
  readonly name: string;
  readonly labels: Labels;
  readonly tier: Tier;
  /** Seconds between its recent samples, where its target has an interval of its own. */
  readonly interval?: number | undefined;
  /** The sample at `t` (Unix seconds), undefined where the series does not exist. */
  readonly value: (t: number) => number | undefined;
}
