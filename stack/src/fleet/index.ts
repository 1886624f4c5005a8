export { benchFleet, type BenchFleetOptions } from './bench-fleet.js';
export { fleetForBudCluster } from './bud-cluster.js';
export { demoFleet, type FleetOptions } from './demo-fleet.js';
export {
  fleetScrapeConfig,
  startExporter,
  type Exporter,
  type ExporterOptions,
} from './exporter.js';
export { fleetSeries } from './fleet-series.js';
export { loadHistory, type HistoryProgress, type LoadHistoryOptions } from './history.js';
export { demoPlan, evenPlan, RECENT_SPACING, type HistoryPlan } from './history-plan.js';
export { importSeries } from './import-series.js';
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
} from './known-answers.js';
export type { Cluster, Fleet, FleetNode, Labels, Pod, Series } from './types.js';
