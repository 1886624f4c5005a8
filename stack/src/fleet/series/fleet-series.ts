import { clusterContext } from './cluster-context.js';
import type { ClusterContext } from './cluster-context.js';
import { cadvisorSeries } from './exporters/cadvisor.js';
import { gpuSeries } from './exporters/gpu.js';
import { inferenceSeries } from './exporters/inference.js';
import { keplerSeries } from './exporters/kepler.js';
import { kubeStateMetricsSeries } from './exporters/kube-state-metrics.js';
import { kubeletSeries } from './exporters/kubelet.js';
import { nodeExporterSeries } from './exporters/node-exporter.js';
import { recordingRuleSeries } from './exporters/recording-rules.js';
import { upSeries } from './exporters/up.js';
import type { Fleet, Series } from '../types.js';

/** Every series of the fleet, cluster by cluster. History and exporter both read this list. */
export function fleetSeries(fleet: Fleet): Series[] {
  return fleet.clusters.flatMap((cluster) => clusterSeries(clusterContext(fleet, cluster)));
}

function clusterSeries(context: ClusterContext): Series[] {
  const { exporters, nodes } = context.cluster;
  return [
    ...upSeries(context),
    ...(exporters.nodeExporter ? nodeExporterSeries(context) : []),
    ...(exporters.kubelet ? [...kubeletSeries(context), ...cadvisorSeries(context)] : []),
    ...(exporters.kubeStateMetrics ? kubeStateMetricsSeries(context) : []),
    ...(exporters.kepler === 'none' ? [] : keplerSeries(context)),
    ...(nodes.some(({ gpus }) => gpus.length > 0) ? gpuSeries(context) : []),
    ...(exporters.inference ? inferenceSeries(context) : []),
    ...(exporters.recordingRules === 'none' ? [] : recordingRuleSeries(context)),
  ];
}
