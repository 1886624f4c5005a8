export { benchFleet, type BenchFleetOptions } from './clusters/bench-fleet.js';
export { fleetForBudCluster } from './clusters/bud-cluster.js';
export { demoFleet, type FleetOptions } from './clusters/demo-fleet.js';
export {
  fleetScrapeConfig,
  startExporter,
  type Exporter,
  type ExporterOptions,
} from './exporter.js';
export { fleetSeries } from './series/fleet-series.js';
export { loadHistory, type HistoryProgress, type LoadHistoryOptions } from './tsdb/load-history.js';
export { demoPlan, evenPlan, RECENT_SPACING, type HistoryPlan } from './tsdb/history-plan.js';
export { importSeries } from './known-series/import-series.js';
export {
  constant,
  loadSeries,
  ramp,
  series,
  steps,
  without,
  type KnownSeries,
  type LoadSeriesOptions,
  type ValueAt,
} from './known-series/known-series.js';
export {
  encodeWrite,
  remoteWrite,
  sendWrite,
  type NativeHistogram,
  type WrittenSample,
  type WrittenSeries,
} from './known-series/remote-write.js';
export type { Cluster, Fleet, FleetNode, Labels, Pod, Series, Tier } from './types.js';
