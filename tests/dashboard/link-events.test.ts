import { clusterIdSchema } from '@bud-monitoring/contracts';
import { expect, it } from '@jest/globals';
import type { DesiredStateRequest } from '../../services/dashboard/src/domain/state/transitions.js';
import { smallTemplates } from './support/small-templates.js';
import { startTestEnv } from './support/test-env.js';

const id = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const minute = 60_000;

it('dashboard-provisioned says what happened to the link', async () => {
  await using env = await startTestEnv({ templates: smallTemplates() });
  const service = env.instance();
  service.resyncLoop.start();
  const after = async (act: () => Promise<unknown>) => {
    env.published.length = 0;
    await act();
    await env.advance(5 * minute);
    return env.published.map(({ event }) => event.link);
  };
  const request = (desired: DesiredStateRequest) => service.desiredState.handleRequest(id, desired);
  const share = (enabled: boolean, minutes: number | null = null) =>
    request({
      kind: 'share',
      enabled,
      expiresAt: minutes === null ? null : env.time.now() + minutes * minute,
    });

  expect(await after(() => service.deliver('created', { id, name: 'a' }))).toEqual(['created']);
  expect(await after(() => service.deliver('updated', { id, name: 'b' }))).toEqual(['unchanged']);
  expect(await after(() => request({ kind: 'rotate' }))).toEqual(['rotated']);
  expect(await after(() => share(false))).toEqual(['disabled']);
  expect(await after(() => share(true, 2))).toEqual(['enabled', 'ended']);
  expect(await after(() => share(true))).toEqual(['enabled']);
  expect(await after(() => request({ kind: 'remove' }))).toEqual([undefined]);
  expect(await after(() => request({ kind: 'provision' }))).toEqual(['created']);
});
