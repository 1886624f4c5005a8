import { UpstreamError } from '@bud-monitoring/client';
import type { Dapr, SidecarMetadata } from '@bud-monitoring/client/dapr';
import { expect, it } from '@jest/globals';
import { observeSidecar } from './sidecar-check.js';

const needs = { pubsub: 'pubsub', components: ['pubsub', 'statestore'], topics: ['created'] };
const loaded: SidecarMetadata = {
  components: ['pubsub', 'statestore', 'more'],
  subscriptions: [{ pubsub: 'pubsub', topic: 'created' }],
};

/** A sidecar that has loaded this, and answers each publishing with the next of `answers`. */
function sidecar(metadata: SidecarMetadata, answers: (Error | null)[] = []): Dapr {
  return {
    healthy: () => Promise.resolve(true),
    metadata: () => Promise.resolve(metadata),
    publish: () => {
      const error = answers.shift();
      return error ? Promise.reject(error) : Promise.resolve();
    },
  } as unknown as Dapr;
}
const { signal } = new AbortController();

it('is healthy with all that the service needs', async () => {
  const { check } = observeSidecar(sidecar(loaded), needs);
  expect(await check(signal)).toEqual({ status: 'healthy', details: {} });
});

it('says which components and subscriptions the sidecar has not taken', async () => {
  const other = { pubsub: 'other', topic: 'created' };
  const { check } = observeSidecar(
    sidecar({ components: ['pubsub'], subscriptions: [other] }),
    needs,
  );
  expect(await check(signal)).toMatchObject({
    status: 'degraded',
    details: { missing_components: ['statestore'], missing_subscriptions: ['created'] },
  });
});

it('says which topics it refuses, until it takes an event again', async () => {
  const refused = new UpstreamError({ upstream: 'dapr', code: 'forbidden' });
  const down = new UpstreamError({ upstream: 'dapr', code: 'unreachable' });
  const { dapr, check } = observeSidecar(sidecar(loaded, [refused, down, null]), needs);
  const states: unknown[] = [];
  for (let sent = 0; sent < 3; sent += 1) {
    await dapr.publish('pubsub', 'alerts', {}).catch(() => undefined);
    states.push((await check(signal)).details['refused_topics']);
  }
  expect(states).toEqual([['alerts'], ['alerts'], undefined]);
});
