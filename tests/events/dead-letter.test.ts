import { expect, it } from '@jest/globals';
import { startBothServices } from './support/services.js';

it('is listed by bud-dashboard with what tells the refused event from others', async () => {
  await using services = await startBothServices(Date.parse('2026-11-22T18:00:00Z'));
  const [, dashboard] = services.all;
  const data = { clusterId: '3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c', note: 'x'.repeat(1_000) };
  const event = { specversion: '1.0', id: 'e-1', source: 'manager', data };
  await dashboard.deliver('/events/cluster-created', JSON.stringify(event));

  const answer = await fetch(`${dashboard.url}/dead-letters`);

  const { dead_letters: listed } = ((await answer.json()) as { data: { dead_letters: unknown } })
    .data;
  expect(listed).toMatchObject([
    {
      reason: 'data.cluster_id is missing: it has clusterId instead',
      source: 'manager',
      event_id: 'e-1',
      payload: JSON.stringify(data).slice(0, 500),
    },
  ]);
});
