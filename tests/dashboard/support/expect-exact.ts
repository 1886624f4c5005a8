import { expect } from '@jest/globals';
import type { ClusterId } from '@bud-monitoring/contracts';
import type { TestEnv } from './test-env.js';

type Dashboard = ReturnType<TestEnv['grafana']['dashboards']>[number];

export interface Holdings {
  dashboards: Map<string, Dashboard>;
  links: string[];
}

/** What Grafana holds, as far as it matters: dashboards by uid, and the link of each main one. */
export function holdings(env: TestEnv): Holdings {
  const { grafana } = env;
  return {
    dashboards: new Map(grafana.dashboards().map((dashboard) => [dashboard.uid, dashboard])),
    links: grafana
      .publicDashboards()
      .filter(({ isEnabled }) => isEnabled)
      .map(({ dashboardUid }) => dashboardUid)
      .sort(),
  };
}

/** Each living cluster has exactly its four dashboards, named so, and one link; nothing else is there. */
export function expectExactly(env: TestEnv, living: readonly { id: ClusterId; name: string }[]) {
  const { dashboards, links } = holdings(env);
  const expected = living.flatMap(({ id, name }) => {
    const main = `${name} (${id.slice(0, 8)})`;
    return [
      [id, main],
      [`${id}-n`, `${main} Nodes`],
      [`${id}-p`, `${main} Power`],
      [`${id}-w`, `${main} Workloads`],
    ];
  });
  const held = [...dashboards.values()].map(({ uid, title }) => [uid, title]);
  expect(held.sort()).toEqual(expected.sort());
  expect(links).toEqual(living.map(({ id }) => id as string).sort());
}
