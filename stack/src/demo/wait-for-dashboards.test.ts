import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { UpstreamError } from '@bud-monitoring/client';
import { clusterIdSchema, type GrafanaDashboard } from '@bud-monitoring/contracts';
import type { ServicesClient } from './api-clients.js';
import { waitForDashboards } from './wait-for-dashboards.js';

const id = clusterIdSchema.parse('11111111-2222-4333-8444-555555555555');
const cluster = { id, name: 'production' };
const { signal } = new AbortController();

const dashboard = (more: Partial<GrafanaDashboard>): GrafanaDashboard => ({
  cluster_id: id,
  name: 'production',
  uid: id,
  status: 'pending',
  url: null,
  dashboards: [],
  sharing: { enabled: true, expires_at: null },
  ...more,
});

/** Gives the answers one after the other, then the last again. */
function callerOf(...answers: (GrafanaDashboard | Error)[]): Pick<ServicesClient, 'dashboard'> {
  return {
    dashboard: () => {
      const next = answers.length > 1 ? answers.shift() : answers[0];
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next!);
    },
  };
}

describe('waiting for the dashboards', () => {
  let now = 0;
  beforeEach(() => {
    jest.spyOn(performance, 'now').mockImplementation(() => (now += 20_000));
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('goes on while the cluster is unknown or pending', async () => {
    const unknown = new UpstreamError({ upstream: 'bud-dashboard', code: 'not_found' });
    const ready = dashboard({ status: 'ready', url: 'http://grafana.test/x' });
    const caller = callerOf(unknown, dashboard({}), ready);

    await expect(waitForDashboards(caller, cluster, signal)).resolves.toBe(ready);
  });

  it('ends at once, with the reason, when provisioning failed', async () => {
    const failed = dashboard({ status: 'failed', last_error: 'no such folder' });
    const caller = callerOf(failed, dashboard({ status: 'ready' }));

    await expect(waitForDashboards(caller, cluster, signal)).rejects.toThrow(
      'the dashboards of production are failed (no such folder)',
    );
  });

  it('does not wait for ever', async () => {
    const caller = callerOf(dashboard({ last_error: 'grafana could not be reached' }));

    await expect(waitForDashboards(caller, cluster, signal)).rejects.toThrow(
      'the dashboards of production are pending (grafana could not be reached)',
    );
  });

  it('passes on what is no matter of time', async () => {
    const refused = new UpstreamError({ upstream: 'bud-dashboard', code: 'unauthorized' });

    await expect(waitForDashboards(callerOf(refused), cluster, signal)).rejects.toBe(refused);
  });
});
