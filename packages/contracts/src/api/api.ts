import { z } from 'zod';
import {
  alertFilterSchema,
  alertListSchema,
  clusterThresholdsSchema,
  fleetAlertListSchema,
  fleetAlertsQuerySchema,
  putAlertThresholdsSchema,
} from '../alerts.js';
import { clusterIdSchema } from '../cluster-id.js';
import {
  deadLetterDetailsSchema,
  deadLetterListSchema,
  deadLetterQuerySchema,
  deadLetterSchema,
  deletedSchema,
} from '../dead-letters.js';
import { explainQuerySchema, explainSchema } from '../explain.js';
import { clusterSchema, fleetListSchema, fleetQuerySchema } from '../fleet.js';
import {
  dashboardListQuerySchema,
  dashboardListSchema,
  grafanaDashboardSchema,
  provisionQuerySchema,
  sharingSchema,
  templateListSchema,
  templateReportSchema,
} from '../grafana-dashboard.js';
import { clusterMetricsSchema, metricsQuerySchema } from '../metrics.js';
import { nodeEventsSchema, nodeMetricsSchema } from '../node-metrics.js';
import { dashboardExamples } from '../examples/dashboard.js';
import type { ApiExample } from '../examples/example.js';
import { metricsExamples, streamExamples } from '../examples/metrics.js';
import { callerSchema } from './caller.js';
import { dashboardRoutes, metricsRoutes, streamRoutes, type ApiPath } from './routes.js';

/** What crosses the wire by a route. */
export interface ApiRoute extends ApiPath {
  /** `object` of the envelope; null for an answer that is a text. */
  readonly object: string | null;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Of the envelope's `data`, or of the text. */
  readonly data: z.ZodType;
  /** For the documentation. */
  readonly example: ApiExample;
}

const thresholds = { object: 'cluster.alert-thresholds', data: clusterThresholdsSchema } as const;
const explanation = {
  object: 'cluster.query-explanation',
  query: explainQuerySchema,
  data: explainSchema,
} as const;

/** The routes of bud-metrics with their schemas: what the service serves, and what its clients call. */
export const metricsApi = {
  /** Who is asking, and what it may see and do. */
  whoAmI: {
    ...metricsRoutes.whoAmI,
    example: metricsExamples.whoAmI,
    object: 'caller',
    data: callerSchema,
  },
  /** A page of the clusters that the caller may see, each summed up; searched, filtered and sorted. */
  listClusters: {
    ...metricsRoutes.listClusters,
    example: metricsExamples.listClusters,
    object: 'clusters',
    query: fleetQuerySchema,
    data: fleetListSchema,
  },
  /** One cluster, summed up as in the list. */
  getCluster: {
    ...metricsRoutes.getCluster,
    example: metricsExamples.getCluster,
    object: 'cluster',
    data: clusterSchema,
  },
  /** Figures of a cluster and its nodes. */
  getClusterMetrics: {
    ...metricsRoutes.getClusterMetrics,
    example: metricsExamples.getClusterMetrics,
    object: 'cluster.metrics',
    query: metricsQuerySchema,
    data: clusterMetricsSchema,
  },
  /** State and details of each node, by its address. */
  getNodeMetrics: {
    ...metricsRoutes.getNodeMetrics,
    example: metricsExamples.getNodeMetrics,
    object: 'cluster.node-metrics',
    data: nodeMetricsSchema,
  },
  /** Kubernetes events of a node, by its key, address or hostname. */
  getNodeEvents: {
    ...metricsRoutes.getNodeEvents,
    example: metricsExamples.getNodeEvents,
    object: 'cluster.node-events',
    data: nodeEventsSchema,
  },
  /** A page of the alerts of all clusters that the caller may see. */
  listAlerts: {
    ...metricsRoutes.listAlerts,
    example: metricsExamples.listAlerts,
    object: 'alerts',
    query: fleetAlertsQuerySchema,
    data: fleetAlertListSchema,
  },
  /** Pending and firing alerts, and those resolved in the last hour. */
  getAlerts: {
    ...metricsRoutes.getAlerts,
    example: metricsExamples.getAlerts,
    object: 'cluster.alerts',
    data: alertListSchema,
  },
  /** From which values on the cluster has alerts. */
  getAlertThresholds: {
    ...metricsRoutes.getAlertThresholds,
    example: metricsExamples.getAlertThresholds,
    ...thresholds,
  },
  /** Replaces the cluster's own thresholds; what is left out is as configured for all. */
  putAlertThresholds: {
    ...metricsRoutes.putAlertThresholds,
    example: metricsExamples.putAlertThresholds,
    ...thresholds,
    body: putAlertThresholdsSchema,
  },
  /** Goes back to the thresholds that are configured for all clusters. */
  resetAlertThresholds: {
    ...metricsRoutes.resetAlertThresholds,
    example: metricsExamples.resetAlertThresholds,
    ...thresholds,
  },
  /** The thresholds as a rule file for Prometheus, YAML. */
  getAlertRules: {
    ...metricsRoutes.getAlertRules,
    example: metricsExamples.getAlertRules,
    object: null,
    data: z.string(),
  },
  /** What becomes of a PromQL query of a cluster, and what it costs. */
  explainQuery: {
    ...metricsRoutes.explainQuery,
    example: metricsExamples.explainQuery,
    ...explanation,
  },
  /** What becomes of a PromQL query of all clusters that the caller may see. */
  explainFleetQuery: {
    ...metricsRoutes.explainFleetQuery,
    example: metricsExamples.explainFleetQuery,
    ...explanation,
  },
} as const satisfies Record<keyof typeof metricsRoutes, ApiRoute>;

const dashboard = { object: 'cluster.grafana-dashboard', data: grafanaDashboardSchema } as const;
const deleted = { object: 'dead-letters.deleted', data: deletedSchema } as const;

/** The routes of bud-dashboard with their schemas. */
export const dashboardApi = {
  /** Where the cluster's dashboards stand; `url` is the public link once `status` is `ready`. */
  getGrafanaDashboard: {
    ...dashboardRoutes.getGrafanaDashboard,
    example: dashboardExamples.getGrafanaDashboard,
    ...dashboard,
  },
  /** Provisions the dashboards again. */
  provisionGrafanaDashboard: {
    ...dashboardRoutes.provisionGrafanaDashboard,
    example: dashboardExamples.provisionGrafanaDashboard,
    ...dashboard,
    query: provisionQuerySchema,
  },
  /** Removes the dashboards and their link until they are provisioned again. */
  removeGrafanaDashboard: {
    ...dashboardRoutes.removeGrafanaDashboard,
    example: dashboardExamples.removeGrafanaDashboard,
    ...dashboard,
  },
  /** Makes a new public link; the old one ends. */
  rotateLink: {
    ...dashboardRoutes.rotateLink,
    example: dashboardExamples.rotateLink,
    ...dashboard,
  },
  /** Switches the public link on or off, or lets it end at a time. */
  putSharing: {
    ...dashboardRoutes.putSharing,
    example: dashboardExamples.putSharing,
    ...dashboard,
    body: sharingSchema,
  },
  /** A page of where the dashboards of all clusters stand. */
  listDashboards: {
    ...dashboardRoutes.listDashboards,
    example: dashboardExamples.listDashboards,
    object: 'dashboards',
    query: dashboardListQuerySchema,
    data: dashboardListSchema,
  },
  /** The templates that dashboards are made from. */
  listTemplates: {
    ...dashboardRoutes.listTemplates,
    example: dashboardExamples.listTemplates,
    object: 'templates',
    data: templateListSchema,
  },
  /** Checks a dashboard (classic Grafana JSON) as a template. */
  validateTemplate: {
    ...dashboardRoutes.validateTemplate,
    example: dashboardExamples.validateTemplate,
    object: 'template.report',
    body: z.looseObject({}).meta({ description: 'A dashboard, classic Grafana JSON' }),
    data: templateReportSchema,
  },
  /** A page of the events that were not taken, the newest first. */
  listDeadLetters: {
    ...dashboardRoutes.listDeadLetters,
    example: dashboardExamples.listDeadLetters,
    object: 'dead-letters',
    query: deadLetterQuerySchema,
    data: deadLetterListSchema,
  },
  /** Deletes all dead letters that the caller may see. */
  deleteDeadLetters: {
    ...dashboardRoutes.deleteDeadLetters,
    example: dashboardExamples.deleteDeadLetters,
    ...deleted,
  },
  /** An event that was not taken, with its text. */
  getDeadLetter: {
    ...dashboardRoutes.getDeadLetter,
    example: dashboardExamples.getDeadLetter,
    object: 'dead-letter',
    data: deadLetterDetailsSchema,
  },
  /** Deletes a dead letter. */
  deleteDeadLetter: {
    ...dashboardRoutes.deleteDeadLetter,
    example: dashboardExamples.deleteDeadLetter,
    ...deleted,
  },
  /** Takes an event again, at its original time. */
  replayDeadLetter: {
    ...dashboardRoutes.replayDeadLetter,
    example: dashboardExamples.replayDeadLetter,
    object: 'dead-letter',
    data: deadLetterSchema,
  },
} as const satisfies Record<keyof typeof dashboardRoutes, ApiRoute>;

/** Named ranges only: a stream has no end that could be given. */
const streamQuery = metricsQuerySchema.omit({ start: true, end: true, step: true }).extend({
  series: metricsQuerySchema.shape.series.unwrap().default('false').meta({
    description: 'Whether each metric carries its time series; off unless given',
  }),
});

/** Streams of server-sent events: `data` is that of the events that carry an answer. */
export const streamsApi = {
  /** The figures of a cluster, whenever they change. */
  streamClusterMetrics: {
    ...streamRoutes.streamClusterMetrics,
    example: streamExamples.streamClusterMetrics,
    object: 'cluster.metrics',
    query: streamQuery,
    data: clusterMetricsSchema,
  },
  /** The figures of several clusters on one connection, whenever they change. */
  streamMetrics: {
    ...streamRoutes.streamMetrics,
    example: streamExamples.streamMetrics,
    object: 'cluster.metrics',
    query: streamQuery.omit({ node: true }).extend({
      cluster_id: z.array(clusterIdSchema).min(1).max(50).meta({
        description: 'The clusters, repeated for each; at most 50',
      }),
    }),
    data: clusterMetricsSchema,
  },
  /** The alerts of all clusters that the caller may see, whenever one changes. */
  streamAlerts: {
    ...streamRoutes.streamAlerts,
    example: streamExamples.streamAlerts,
    object: 'alerts',
    query: alertFilterSchema,
    data: fleetAlertListSchema,
  },
} as const satisfies Record<keyof typeof streamRoutes, ApiRoute>;
