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
export {
  componentHealthSchema,
  stackHealthSchema,
  type ComponentHealth,
  type StackHealth,
} from './health.js';
export { permissionSchema, type Permission } from './permissions.js';
