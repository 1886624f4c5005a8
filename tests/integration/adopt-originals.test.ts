import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { service, startStack, type Stack } from '@bud-monitoring/stack';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { fakeGrafanaEnvironment } from '../../stack/src/environment.js';
import { call } from '../support/call.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ redis: true, grafana: true, apps: [service('dashboard')] });
}, 60_000);
afterAll(() => stack.stop());

const url = () => stack.grafana?.url ?? '';

async function asAdmin(path: string, body: object): Promise<void> {
  const authorization = `Basic ${Buffer.from('admin:admin').toString('base64')}`;
  const response = await fetch(`${url()}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
}

/** The command of docs/upgrade.md, beside bud-dashboard. */
function adopt(...args: string[]): Promise<string> {
  const { sidecar } = stack.app('bud-dashboard');
  return call([process.execPath, 'services/dashboard/dist/upgrade/main.js', ...args], {
    env: {
      ...fakeGrafanaEnvironment({ url: url() }, null),
      ...{ AUTH_MODE: 'off', DAPR_BASE_URL: sidecar.url, DAPR_API_TOKEN: sidecar.apiToken },
      APP_API_TOKEN: sidecar.appToken,
    },
  });
}

it('lists what the original left in Grafana, and hands it over with its link when told to', async () => {
  const id = randomUUID();
  const dashboard = { uid: id, title: 'east', tags: ['kubernetes-mixin'], panels: [] };
  await asAdmin('/api/dashboards/import', { dashboard, overwrite: false });
  await asAdmin(`/api/dashboards/uid/${id}/public-dashboards`, {
    share: 'public',
    isEnabled: true,
  });
  const link = stack.grafana?.publicDashboards();

  expect(await adopt()).toMatch(new RegExp(`^${id} +with a link +east\n1 dashboards .*--yes`));
  expect(await adopt('--yes')).toContain('1 clusters were announced');

  const token = await stack.identity.mintToken({ permissions: ['cluster:view'] });
  const { url: app } = stack.app('bud-dashboard');
  let status = '';
  while (status !== 'ready') {
    await sleep(100);
    const response = await fetch(`${app}/clusters/${id}/grafana-dashboard`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { data } = (await response.json()) as { data?: { status: string } };
    status = data?.status ?? '';
  }
  expect(stack.grafana?.publicDashboards()).toEqual(link);
  expect(await adopt()).toMatch(/^0 dashboards/);
}, 60_000);
