export { clusterIdSchema, type ClusterId } from './cluster-id.js';
export { envelope, warningSchema, type Warning } from './envelope.js';
export {
  errorDetailSchema,
  errorSchema,
  errorStatus,
  type ErrorBody,
  type ErrorDetail,
  type ErrorType,
} from './errors.js';
export {
  clusterEventDataSchema,
  dashboardEventSchema,
  topics,
  type ClusterEventData,
  type DashboardEvent,
} from './events.js';
export {
  dashboardListSchema,
  dashboardStatusSchema,
  deadLetterListSchema,
  deadLetterSchema,
  grafanaDashboardAnswerSchema,
  grafanaDashboardSchema,
  provisionedDashboardSchema,
  sharingSchema,
  templateListSchema,
  templateProblemSchema,
  templateReportSchema,
  type DashboardList,
  type DashboardStatus,
  type DeadLetter,
  type DeadLetterList,
  type GrafanaDashboard,
  type Sharing,
  type TemplateList,
  type TemplateProblem,
  type TemplateReport,
} from './grafana-dashboard.js';
export { explainQuerySchema, explainSchema, type Explain } from './explain.js';
export {
  componentHealthSchema,
  stackHealthSchema,
  type ComponentHealth,
  type StackHealth,
} from './health.js';
export {
  clusterMetricsSchema,
  coverageSchema,
  metricSchemas,
  metricTypes,
  metricsQuerySchema,
  nodeEntrySchema,
  powerScopes,
  summarySchema,
  timeRanges,
  timeSeriesSchema,
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
  type TimeSeries,
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
export { permissionSchema, type Permission } from './permissions.js';
