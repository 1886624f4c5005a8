import { expect, it } from '@jest/globals';
import { currentContext, runInContext } from '@bud-monitoring/client';
import type { StateStore } from '@bud-monitoring/client/dapr';
import { createStateStoreProbe } from './state-store-probe.js';

it('is not of the caller that asks first, who may go', async () => {
  const call = () => {
    const { signal } = currentContext() ?? {};
    return signal?.aborted === true ? Promise.reject(new Error('gone')) : Promise.resolve(null);
  };
  const state = { save: call, get: call } as unknown as StateStore;
  const probe = createStateStoreProbe({ state, clock: { now: () => 0 } });
  const gone = { requestId: 'a', signal: AbortSignal.abort() };
  expect(await runInContext(gone, () => probe.problem())).toBeNull();
  expect(await probe.problem()).toBeNull();
});
