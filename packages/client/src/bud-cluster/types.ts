/** A node as bud-cluster knows it. */
export interface BudClusterNode {
  id: string;
  /** Kubernetes node name. */
  name: string;
  internalIp: string | null;
  /** Ready and without pressure, by bud-cluster's own check; `null` where it does not say. */
  status: boolean | null;
  /** Hardware as bud-cluster describes it; its shape differs between versions. */
  devices: Record<string, unknown>[];
}

/** One Kubernetes event about a node; times are ISO 8601. */
export interface NodeEvent {
  type: string | null;
  reason: string | null;
  message: string | null;
  count: number;
  firstTimestamp: string | null;
  lastTimestamp: string | null;
  source: { component: string | null; host: string | null };
}

/** Calls of bud-cluster by Dapr invocation. Nothing is retried here: Dapr's resiliency does. */
export interface BudClusterClient {
  /** All nodes of the cluster; none for a cluster it does not know (it answers 200). */
  nodes(clusterId: string, signal?: AbortSignal): Promise<BudClusterNode[]>;
  /** Events per Kubernetes node name; `bad_answer` for a cluster it does not know (it answers 500). */
  eventsCountByNode(clusterId: string, signal?: AbortSignal): Promise<Record<string, number>>;
  /** The events of one node, by its Kubernetes node name. */
  nodeEvents(clusterId: string, node: string, signal?: AbortSignal): Promise<NodeEvent[]>;
}
