import { clusterIdSchema } from '@bud-monitoring/contracts';
import { expect, it } from '@jest/globals';
import { loadTemplates } from '../../services/dashboard/src/domain/templates/load.js';
import { smallTemplates } from './support/small-templates.js';
import { startTestEnv, type TestEnv } from './support/test-env.js';

const minute = 60_000;
const count = 60;
const ids = Array.from({ length: count }, (_, n) =>
  clusterIdSchema.parse(`3f2b8f0e-6a4d-4b6e-9a51-${n.toString(16).padStart(12, '0')}`),
);
const templates = smallTemplates();
const headers = {
  authorization: `Basic ${btoa('admin:admin')}`,
  'content-type': 'application/json',
};

async function provisioned(env: TestEnv) {
  const service = env.instance({ wholeReadLimit: 50 });
  for (const id of ids) await service.deliver('created', { id, name: 'a' });
  await service.deliver('deleted', { id: ids[59]! });
  await env.advance(minute);
  await service.stop();
}

it('reads of each of many unchanged clusters at most one thing a resync, and writes nothing', async () => {
  await using env = await startTestEnv({ templates });
  await provisioned(env);
  const service = env.instance({ wholeReadLimit: 50 });
  const states = env.state.saves.length;
  const saved = { ...env.grafana.writes };
  const requests = env.grafana.requests.length;
  await service.resync.start();
  await env.advance(5 * minute);

  // Beside one a cluster: the data source, and the search and the list for all.
  expect(env.grafana.requests.length - requests).toBeLessThanOrEqual(count + 6);
  expect(env.grafana.writes).toEqual(saved);
  const written = env.state.saves.slice(states).filter((key) => key.startsWith('cluster:'));
  expect(written).toEqual([]);
});

it('repairs at once what is missing, and by turns what somebody changed', async () => {
  await using env = await startTestEnv({ templates });
  await provisioned(env);
  const service = env.instance({ wholeReadLimit: 50 });
  service.resyncLoop.start();
  await env.advance(5 * minute);
  const api = `${env.grafana.url}/api/dashboards`;
  const [gone, unshared, edited] = ids as unknown as [string, string, string];
  await fetch(`${api}/uid/${gone}-p`, { method: 'DELETE', headers });
  const link = env.grafana
    .publicDashboards()
    .find(({ dashboardUid }) => dashboardUid === unshared)!;
  await fetch(`${api}/uid/${unshared}/public-dashboards/${link.uid}`, {
    method: 'DELETE',
    headers,
  });
  const before = env.grafana.dashboards().find(({ uid }) => uid === `${edited}-p`)!;
  const dashboard = { ...before.data, id: null, version: before.version, description: 'Mine' };
  const body = JSON.stringify({ dashboard, overwrite: true });
  await fetch(`${api}/db`, { method: 'POST', headers, body });

  await env.advance(12 * minute);
  expect(env.grafana.dashboards()).toHaveLength(4 * (count - 1));
  expect(env.grafana.publicDashboards()).toHaveLength(count - 1);
  await env.advance(55 * minute);
  const after = env.grafana.dashboards().find(({ uid }) => uid === `${edited}-p`);
  expect(after?.data['description']).not.toBe('Mine');
});

it('takes new templates in one resync', async () => {
  await using env = await startTestEnv({ templates });
  await provisioned(env);
  const changed = loadTemplates(
    templates.map(({ name, dashboard }) => ({
      name,
      text: JSON.stringify(dashboard).replace('"Up"', '"Up anew"'),
    })),
  );
  const service = env.instance({ wholeReadLimit: 50, templates: changed });
  await service.resync.start();
  await env.advance(5 * minute);
  const old = env.grafana.dashboards().filter(({ data }) => !JSON.stringify(data).includes('anew'));
  expect(old).toEqual([]);
});
