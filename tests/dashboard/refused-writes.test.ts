import { expect, it } from '@jest/globals';
import type { StackHealth } from '@bud-monitoring/contracts';
import { startHttpApp } from './support/http-app.js';

const id = '3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c';
const path = `/clusters/${id}/grafana-dashboard`;
const created = JSON.stringify({ id: 'a', source: 's', data: { cluster_id: id, name: 'east' } });

it.each(['unreachable', 'conflict'] as const)(
  'a state store that answers and refuses every write (%s) is told in health, after few tries',
  async (refusing) => {
    await using app = await startHttpApp();
    await app.deliver('cluster-created', created);
    await app.request('POST', path);

    app.state.refusing = refusing;
    const health = await app.request<StackHealth>('GET', '/health/stack');
    expect(health.body.data['statestore']).toEqual({
      status: 'unhealthy',
      details: { reason: expect.stringMatching(/refuses writes/) },
    });
    expect((await app.request('GET', '/ready')).status).toBe(503);
    app.state.refused = 0;
    expect((await app.request('DELETE', path)).status).toBe(503);
    expect(await app.deliver('cluster-updated', created.replace('east', 'west'))).toBe('RETRY');
    expect(await app.deliver('cluster-updated', '{}')).toBe('RETRY');
    expect(app.state.refused).toBeLessThanOrEqual(20);
    expect((await app.request('GET', path)).status).toBe(200);
  },
);
