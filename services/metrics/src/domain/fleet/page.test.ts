import { describe, expect, it } from '@jest/globals';
import { clusterIdSchema, metricsApi, type FleetCluster } from '@bud-monitoring/contracts';
import { pageOfSummaries } from './page.js';

const none = { total_gib: null, used_gib: null, available_gib: null, usage_percent: null };
const idOf = (n: number) => clusterIdSchema.parse(`00000000-0000-4000-8000-00000000000${n}`);

function cluster(n: number, more: Partial<FleetCluster> & { cpuPercent?: number | null }) {
  const { cpuPercent = null, ...rest } = more;
  return {
    cluster_id: idOf(n),
    name: `c${n}`,
    state: 'healthy',
    nodes: 1,
    ready: 1,
    cpu: { usage_percent: cpuPercent, cores: 1 },
    memory: none,
    storage: none,
    newest_sample_age_seconds: 0,
    alerts: { pending: 0, warning: 0, critical: 0 },
    ...rest,
  } satisfies FleetCluster;
}

const fleet = [
  cluster(1, { name: 'prod East', cpuPercent: 10 }),
  cluster(2, { name: 'dev', cpuPercent: null, state: 'silent' }),
  cluster(3, { cpuPercent: 90, alerts: { pending: 9, warning: 9, critical: 0 } }),
  cluster(4, { cpuPercent: 10, alerts: { pending: 0, warning: 0, critical: 1 } }),
  cluster(5, { name: 'Prod west', cpuPercent: 50, state: 'critical' }),
];

const query = (text: string) => {
  const given: Record<string, string | string[]> = Object.fromEntries(new URLSearchParams(text));
  if (typeof given['state'] === 'string') given['state'] = given['state'].split(',');
  return metricsApi.listClusters.query.parse(given);
};

/** Numbers of the clusters on each page, one after the other. */
function walk(text: string) {
  const pages: number[][] = [];
  let cursor = '';
  for (let n = 0; n < 10; n += 1) {
    const { clusters, next } = pageOfSummaries(fleet, query(`${text}${cursor}`));
    pages.push(clusters.map(({ cluster_id: id }) => Number(id.at(-1))));
    if (next === null) return pages;
    cursor = `&cursor=${next}`;
  }
  throw new Error('the pages do not end');
}

describe('a page of the fleet', () => {
  it.each([
    ['limit=2', [[1, 2], [3, 4], [5]]],
    // What has no figure comes last in either order, equal ones by id.
    ['sort=cpu&limit=2', [[3, 5], [1, 4], [2]]],
    ['sort=cpu&order=asc&limit=2', [[1, 4], [5, 3], [2]]],
    [
      'sort=name&limit=3',
      [
        [3, 4, 2],
        [1, 5],
      ],
    ],
    ['sort=alerts&limit=5', [[4, 3, 1, 2, 5]]],
    ['search=PROD', [[1, 5]]],
    ['search=0003', [[3]]],
    ['state=silent,critical&limit=1', [[2], [5]]],
    ['search=nothing', [[]]],
  ])('%s gives %j', (text, pages) => {
    expect(walk(text)).toEqual(pages);
  });

  it('counts all that were asked for, not those of the page', () => {
    expect(pageOfSummaries(fleet, query('search=prod&limit=1')).total).toBe(2);
  });

  it('goes on at its place when clusters come and go', () => {
    const { next } = pageOfSummaries(fleet, query('sort=cpu&limit=2'));
    const changed = [cluster(6, { cpuPercent: 95 }), ...fleet.filter((one) => one !== fleet[4])];
    const rest = pageOfSummaries(changed, query(`sort=cpu&cursor=${next}`));
    expect(rest.clusters.map(({ cluster_id: id }) => Number(id.at(-1)))).toEqual([1, 4, 2]);
  });

  it.each(['sort=cpu&cursor=x', `sort=cpu&cursor=${idOf(1)}`, 'cursor=x'])(
    'refuses the cursor of %s, naming it',
    (text) => {
      expect(() => pageOfSummaries(fleet, query(text))).toThrow(
        expect.objectContaining({ field: 'cursor' }),
      );
    },
  );
});
