/** Labels that tell the node of a kubelet's series. */
export const kubeletLabels = 'node, instance';

/** Labels that name the node of a node-exporter, in order of preference. */
export const exporterNameLabels = [
  'exported_node',
  'node',
  'kubernetes_node',
  'exported_instance',
  // By OpenTelemetry's collector.
  'k8s_node_name',
] as const;

/**
 * Labels that may name the node of a series, in order of preference. Where a scrape does not honour labels,
 * `node` is that of the exporter itself and the series' own is `exported_node`.
 */
export const nodeNameLabels = [
  ...exporterNameLabels,
  ...(['node_name', 'nodename', 'host_name', 'hostname', 'Hostname'] as const),
] as const;

/** Labels that may tell the node of an exporter other than node-exporter: its address or its name. */
export const nodeLabels = ['instance', ...nodeNameLabels] as const;

/** Labels that name the node of kube-state-metrics' series. */
export const kubernetesNodeLabels = 'exported_node, node';

/** The node that a series of kube-state-metrics is about. */
export function kubernetesNodeOf(metric: Readonly<Record<string, string>>): string {
  const { exported_node: exported = '', node = '' } = metric;
  return exported === '' ? node : exported;
}
