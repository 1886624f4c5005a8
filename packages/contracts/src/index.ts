export {
  alertEventSchema,
  alertFilterSchema,
  alertListSchema,
  alertMetrics,
  alertOverridesSchema,
  putAlertThresholdsSchema,
  alertReasons,
  alertSchema,
  alertSeverities,
  alertStates,
  alertThresholdsSchema,
  clusterThresholdsSchema,
  fleetAlertListSchema,
  type Alert,
  type AlertEvent,
  type AlertFilter,
  type AlertList,
  type AlertMetric,
  type AlertOverrides,
  type AlertReason,
  type AlertSeverity,
  type AlertState,
  type AlertThresholds,
  type ClusterThresholds,
  type FleetAlertList,
  type ListedAlert,
} from './alerts.js';
export {
  clusterIdFormats,
  clusterIdSchema,
  isUuid,
  spellingsOf,
  storedSpellings,
  type StoredSpellings,
  useClusterIdFormat,
  type ClusterId,
  type ClusterIdFormat,
} from './cluster-id.js';
export { secondExporters, uncountedNetworkDevices } from './node-exporter.js';
export { envelope, warningSchema, type Warning } from './api/envelope.js';
export {
  errorDetailSchema,
  errorSchema,
  errorStatus,
  type ErrorBody,
  type ErrorDetail,
  type ErrorType,
} from './api/errors.js';
export {
  clusterEventDataSchema,
  dashboardEventSchema,
  eventSchemas,
  topics,
  type ClusterEventData,
  type DashboardEvent,
} from './events.js';
export {
  dashboardListSchema,
  dashboardStatusSchema,
  grafanaDashboardAnswerSchema,
  grafanaDashboardSchema,
  provisionedDashboardSchema,
  sharingSchema,
  templateListSchema,
  templateProblemSchema,
  templateReportSchema,
  type DashboardCounts,
  type DashboardList,
  type DashboardStatus,
  type GrafanaDashboard,
  type Sharing,
  type TemplateList,
  type TemplateProblem,
  type TemplateReport,
} from './grafana-dashboard.js';
export {
  deadLetterDetailsSchema,
  deadLetterListSchema,
  deadLetterSchema,
  type DeadLetter,
  type DeadLetterDetails,
  type DeadLetterList,
} from './dead-letters.js';
export { timeSeriesSchema, type TimeSeries, type TimeSeriesColumns } from './api/time-series.js';
export { explainSchema, type Explain } from './explain.js';
export {
  fleetClusterSchema,
  fleetListSchema,
  type Cluster,
  type ClusterHealth,
  type FleetCluster,
  type FleetList,
  type StateCounts,
  type FleetQuery,
  type FleetSort,
} from './fleet.js';
export {
  componentHealthSchema,
  stackHealthSchema,
  type ComponentHealth,
  type StackHealth,
} from './api/health.js';
export {
  inferenceSchema,
  inferenceServers,
  type Inference,
  type InferenceFigures,
  type InferenceServer,
  type InferenceTrendName,
  type InferenceTrends,
  type Quantiles,
  type ServedModel,
} from './inference.js';
export {
  clusterMetricsSchema,
  type Comparison,
  coverageSchema,
  metricSchemas,
  metricTypes,
  metricsQuerySchema,
  nodeEntrySchema,
  powerScopes,
  summarySchema,
  timeRanges,
  workloadsSchema,
  type ClusterMetrics,
  type Coverage,
  type GpuDevice,
  type MetricFields,
  type MetricName,
  type MetricType,
  type MetricsQuery,
  type NodeEntry,
  type PowerScope,
  type Summary,
  type TimeRange,
  type Workloads,
} from './metrics.js';
export {
  nodeDetailSchema,
  nodeEventsSchema,
  nodeMetricsSchema,
  type NetworkRate,
  type NodeDetail,
  type NodeEvents,
  type NodeMetrics,
} from './node-metrics.js';
export { permissionSchema, type Permission } from './api/permissions.js';
export { callerSchema, type CallerData } from './api/caller.js';
export type { ApiExample } from './examples/example.js';
export { dashboardApi, metricsApi, streamsApi, type ApiRoute } from './api/api.js';
export type { ApiArguments, ApiClient, QueryInput } from './api/client.js';
export type { ApiPath } from './api/routes.js';
