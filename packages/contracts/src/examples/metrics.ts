import type { metricsRoutes, streamRoutes } from '../api/routes.js';
import * as alerts from './alerts.js';
import { clusterMetrics } from './cluster-metrics.js';
import { answer, frame, type ApiExample } from './example.js';
import { explanation, fleetExplanation } from './explain.js';
import { caller, fleetList, oneCluster } from './fleet.js';
import { nodeEvents, nodeMetrics } from './node-metrics.js';

const metrics = answer('cluster.metrics', 'Cluster metrics', clusterMetrics);
const fleetAlerts = answer('alerts', '1 of 1 alerts', alerts.fleetAlertList);
const thresholds = (message: string, data: object) => ({
  200: answer('cluster.alert-thresholds', message, data),
});
const explained = (data: object) => ({
  200: answer('cluster.query-explanation', 'The query is handed on', data),
});

/** Examples of the routes of bud-metrics. */
export const metricsExamples = {
  whoAmI: { answers: { 200: answer('caller', 'alice', caller) } },
  listClusters: { answers: { 200: answer('clusters', '1 of 240 clusters', fleetList) } },
  getCluster: { answers: { 200: answer('cluster', 'A cluster', oneCluster) } },
  getClusterMetrics: { answers: { 200: metrics } },
  getNodeMetrics: {
    answers: { 200: answer('cluster.node-metrics', 'Node metrics', nodeMetrics) },
  },
  getNodeEvents: { answers: { 200: answer('cluster.node-events', 'Node events', nodeEvents) } },
  listAlerts: { answers: { 200: fleetAlerts } },
  getAlerts: { answers: { 200: answer('cluster.alerts', 'Alerts', alerts.alertList) } },
  getAlertThresholds: { answers: thresholds('Alert thresholds', alerts.thresholds) },
  putAlertThresholds: {
    body: alerts.overrides,
    answers: thresholds('Thresholds replaced', alerts.thresholds),
  },
  resetAlertThresholds: {
    answers: thresholds('Thresholds as configured', alerts.defaultThresholds),
  },
  getAlertRules: { answers: { 200: alerts.ruleFile } },
  explainQuery: { answers: explained(explanation) },
  explainFleetQuery: { answers: explained(fleetExplanation) },
} satisfies Record<keyof typeof metricsRoutes, ApiExample>;

/** Examples of the streams. */
export const streamExamples = {
  streamClusterMetrics: { answers: { 200: frame('metrics', metrics) } },
  streamMetrics: { answers: { 200: frame('metrics', metrics) } },
  streamAlerts: { answers: { 200: frame('alerts', fleetAlerts) } },
} satisfies Record<keyof typeof streamRoutes, ApiExample>;
