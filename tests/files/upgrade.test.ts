import { dashboardApi, metricsApi } from '@bud-monitoring/contracts';
import { describeConfig } from '@bud-monitoring/service-kit';
import { describe, expect, it } from '@jest/globals';
import { dashboardEnv } from '../../services/dashboard/src/config.js';
import { metricsEnv } from '../../services/metrics/src/config.js';
import { rowsOf } from '../events/support/upgrade-page.js';

describe('the page of the upgrade', () => {
  it('calls only routes the same that are', () => {
    const routes = Object.values({ ...metricsApi, ...dashboardApi }).map(
      ({ method, path }) => `${method.toUpperCase()} ${path}`,
    );
    const same = rowsOf('Routes').flatMap(([original, here]) =>
      here.startsWith('the same') ? [original.replace(/`|\?.*/g, '').trim()] : [],
    );
    expect(same).toHaveLength(4);
    const named = same.map((route) => route.replace('{id}', '{cluster_id}'));
    expect(named.filter((route) => !routes.includes(route))).toEqual([]);
  });

  it('names only settings that the services have', () => {
    const known = [...describeConfig(metricsEnv), ...describeConfig(dashboardEnv)].map(
      ({ name }) => name,
    );
    const named = rowsOf('Settings').flatMap(([original, here]) =>
      [here, here.startsWith('the same') ? original : ''].flatMap(
        (cell) => cell.match(/\b[A-Z]+(_[A-Z]+)+\b/g) ?? [],
      ),
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });
});
