/** Labels that tell the node of a kubelet's series. */
export const kubeletLabels = 'node, instance';

/** Labels that may name the node of an exporter, in order of preference. */
export const nodeNameLabels = ['node_name', 'node', 'hostname', 'Hostname'] as const;

/** Labels that may tell the node of an exporter other than node-exporter: its address or its name. */
export const nodeLabels = ['instance', 'node', 'node_name', 'hostname', 'Hostname'] as const;
