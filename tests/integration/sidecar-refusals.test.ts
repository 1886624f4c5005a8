import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { service, startStack } from '@bud-monitoring/stack';
import { expect, it } from '@jest/globals';

it('what a sidecar did not take shows in the health of its service', async () => {
  const resources = await mkdtemp(join(tmpdir(), 'components-'));
  await cp('components', resources, { recursive: true });
  const change = async (name: string, edit: (text: string) => string) => {
    const file = join(resources, name);
    await writeFile(file, edit(await readFile(file, 'utf8')));
  };
  await change('pubsub.yaml', (text) => text.replace('bud-dashboard, bud-metrics]', 'others]'));
  await change('subscriptions.yaml', (text) =>
    text.replace(/(metrics-cluster-updated[^]*?)\[bud-metrics\]/, '$1[others]'),
  );
  try {
    await using stack = await startStack({
      grafana: true,
      apps: [
        {
          ...service('metrics', { PROMETHEUS_URL: 'http://127.0.0.1:9' }),
          sidecar: { resources },
        },
        service('dashboard', { DISCOVER_CLUSTERS: 'false' }),
      ],
    });
    const sidecarOf = async (appId: string) => {
      const response = await fetch(`${stack.app(appId).url}/health/stack`);
      return ((await response.json()) as { data: { sidecar: unknown } }).data.sidecar;
    };

    expect(await sidecarOf('bud-dashboard')).toEqual({ status: 'healthy', details: {} });
    expect(await sidecarOf('bud-metrics')).toEqual({
      status: 'degraded',
      details: {
        missing_components: ['pubsub'],
        missing_subscriptions: ['cluster-updated'],
        warning: expect.stringMatching(/scopes/),
      },
    });
  } finally {
    await rm(resources, { recursive: true });
  }
}, 120_000);
