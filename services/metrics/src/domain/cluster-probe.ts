import type { MetricSource } from '../ports.js';
import { cpuFallbackFigures, recordedCpu, ruleError } from './metrics/cpu.js';
import { gpuTargets, gpuVendors } from './metrics/gpu.js';
import { inferenceTargets } from './metrics/inference/figures.js';
import { memoryFallbackFigures } from './metrics/memory.js';
import { powerFallbackFigures, powerMetricNames } from './metrics/power.js';
import { storageFallbackFigures } from './metrics/storage.js';
import { nodeInfoMetrics } from './nodes/node-info.js';
import { apartFigures } from './time-base/families.js';
import { probeCluster, type Probe, type ProbeRequest } from './targets/probe.js';

const gpuVendorNames = gpuVendors.map(({ vendor }) => vendor);

/** A probe of the catalogue: `metricNames` are those that an answer may read. */
export interface CatalogueProbeRequest extends Omit<ProbeRequest, 'targets'> {
  readonly metricNames: readonly string[];
}

/** Probes a cluster for what the catalogue of metrics and the node inventory read. */
export function probeCatalogue(
  source: MetricSource,
  { metricNames, ...request }: CatalogueProbeRequest,
): Promise<Probe> {
  const targets = {
    metricNames,
    sampled: powerMetricNames,
    nodeInfo: nodeInfoMetrics,
    recordingRule: recordedCpu,
    ruleError,
    fallbacks: (scope: Probe['scope'], rangeMs: number) => [
      ...cpuFallbackFigures(scope),
      ...memoryFallbackFigures(scope, rangeMs),
      ...powerFallbackFigures(scope, rangeMs),
      ...storageFallbackFigures(scope),
    ],
    apart: (scope: Probe['scope']) => [
      ...apartFigures(gpuTargets(scope, gpuVendorNames), scope),
      ...apartFigures(inferenceTargets(scope), scope),
    ],
  };
  return probeCluster(source, { ...request, targets });
}
