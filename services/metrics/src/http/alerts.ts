import { metricsApi, type AlertThresholds, type ClusterId } from '@bud-monitoring/contracts';
import {
  defineCron,
  defineRawRoute,
  defineRoute,
  maySeeCluster,
  type CronRoute,
  type Route,
} from '@bud-monitoring/service-kit';
import type { AlertReader } from '../domain/alerts/alert-reader.js';
import type { AlertEvaluation } from '../domain/alerts/evaluation/evaluator.js';
import type { ThresholdOverrides } from '../domain/alerts/rules/threshold-overrides.js';
import { thresholdsOf, toThresholdsResponse } from '../domain/alerts/rules/thresholds.js';
import type { RequireCluster } from '../domain/clusters/require-cluster.js';
import { toHttpError } from './response/errors.js';

export interface AlertRouteOptions {
  alerts: AlertReader;
  overrides: ThresholdOverrides;
  defaults: AlertThresholds;
  requireCluster: RequireCluster;
  /** The rule file of a cluster with those thresholds. */
  rulesOf: (
    cluster: ClusterId,
    thresholds: AlertThresholds,
    signal: AbortSignal,
  ) => Promise<string>;
}

/** Alerts of a cluster, and from where on there are any. */
export function alertRoutes(options: AlertRouteOptions): Route[] {
  const { alerts, overrides, defaults, requireCluster, rulesOf } = options;
  const known = (cluster: ClusterId, signal: AbortSignal) =>
    requireCluster(cluster, signal).catch((error: unknown) => {
      throw toHttpError(error);
    });
  return [
    defineRoute({
      ...metricsApi.listAlerts,
      summary: 'Alerts of all clusters that the caller may see: pending, firing, and resolved',
      description: 'Resolved ones are listed for an hour. Pages are cut from what there is now.',
      permission: 'cluster:view',
      async handler({ query: { limit, cursor, ...filter }, caller, signal }) {
        const maySee = (cluster: ClusterId) => maySeeCluster(caller, cluster);
        const { alerts: all, ...rest } = await alerts.listAll(filter, maySee, signal);
        // After one that is no more in the list, the list begins again: nothing is missed.
        const from = cursor === undefined ? 0 : all.findIndex(({ id }) => id === cursor) + 1;
        const page = all.slice(from, from + limit);
        const next = from + limit < all.length ? (page.at(-1)?.id ?? null) : null;
        const data = { alerts: page, next, total: all.length, ...rest };
        return { message: `${page.length} of ${all.length} alerts`, data };
      },
    }),
    defineRoute({
      ...metricsApi.getAlerts,
      summary: 'Alerts of a cluster: pending, firing, and resolved in the last hour',
      permission: 'cluster:view',
      statuses: [404],
      async handler({ params: { cluster_id: cluster }, signal }) {
        await known(cluster, signal);
        return { message: 'Alerts', data: await alerts.list(cluster, signal) };
      },
    }),
    defineRoute({
      ...metricsApi.getAlertThresholds,
      statuses: [404],
      summary: 'From which values on a cluster has alerts',
      permission: 'cluster:view',
      async handler({ params: { cluster_id: cluster }, signal }) {
        await known(cluster, signal);
        const own = await overrides.of(cluster, signal);
        return { message: 'Alert thresholds', data: toThresholdsResponse(cluster, defaults, own) };
      },
    }),
    defineRoute({
      ...metricsApi.putAlertThresholds,
      statuses: [404],
      summary: 'Replace the thresholds of a cluster; what is left out is as configured for all',
      permission: 'cluster:manage',
      async handler({ params: { cluster_id: cluster }, body, signal }) {
        await known(cluster, signal);
        await overrides.put(cluster, body, signal);
        return {
          message: 'Thresholds replaced',
          data: toThresholdsResponse(cluster, defaults, body),
        };
      },
    }),
    defineRoute({
      ...metricsApi.resetAlertThresholds,
      statuses: [404],
      summary: 'Go back to the thresholds that are configured for all clusters',
      permission: 'cluster:manage',
      async handler({ params: { cluster_id: cluster }, signal }) {
        await known(cluster, signal);
        await overrides.put(cluster, null, signal);
        const data = toThresholdsResponse(cluster, defaults, undefined);
        return { message: 'Thresholds as configured', data };
      },
    }),
    defineRawRoute({
      ...metricsApi.getAlertRules,
      summary: 'The same thresholds as a rule file for Prometheus',
      permission: 'cluster:view',
      statuses: [404],
      produces: 'application/yaml',
      async handler({ params: { cluster_id: cluster }, signal }, _request, response) {
        await known(cluster, signal);
        const own = thresholdsOf(defaults, await overrides.of(cluster, signal));
        const file = await rulesOf(cluster, own, signal);
        response.type('application/yaml').send(file);
      },
    }),
  ];
}

/** What the cron binding calls on every replica; the holder of the lease evaluates. */
export function alertCron({ evaluation }: { evaluation: AlertEvaluation }): CronRoute {
  return defineCron({ path: '/evaluate-alerts', handler: ({ signal }) => evaluation.run(signal) });
}
