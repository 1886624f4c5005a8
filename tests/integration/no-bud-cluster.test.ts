import { service, startStack } from '@bud-monitoring/stack';
import { expect, it } from '@jest/globals';

it('finds no part unhealthy where there is no bud-cluster', async () => {
  await using stack = await startStack({
    redis: true,
    prometheus: true,
    apps: [service('metrics')],
  });
  const response = await fetch(`${stack.app('bud-metrics').url}/health/stack`);
  const { message, data } = (await response.json()) as { message: string; data: object };
  expect([response.status, message]).toEqual([200, 'No part is unhealthy']);
  expect(data).toMatchObject({ 'bud-cluster': { status: 'unknown' } });
}, 60_000);
