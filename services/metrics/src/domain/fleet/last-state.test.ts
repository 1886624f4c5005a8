import { expect, it } from '@jest/globals';
import { createLastState } from './last-state.js';

const never = new AbortController().signal;

it('gives the last records and alerts while the state store is away, and says so', async () => {
  let now = 0;
  let isAway = false;
  const read = <T>(value: T) =>
    isAway ? Promise.reject(new Error('away')) : Promise.resolve(value);
  const state = createLastState(
    { records: () => read([]), alerts: () => read(new Map()) },
    { clock: { now: () => now }, keptMs: 60_000 },
  );
  isAway = true;
  await expect(state.records(never)).rejects.toThrow('away');
  isAway = false;
  await state.records(never);
  now = 10_000;
  await state.alerts(never);
  expect(state.warnings()).toEqual([]);

  isAway = true;
  now = 40_000;
  expect(await state.alerts(never)).toEqual(new Map());
  expect(state.warnings()).toMatchObject([{ code: 'state_store_unavailable' }]);
  expect(await state.records(never)).toEqual([]);
  expect(state.warnings()[0]?.message).toMatch('names and alerts are 40 s old');

  isAway = false;
  await Promise.all([state.records(never), state.alerts(never)]);
  expect(state.warnings()).toEqual([]);

  isAway = true;
  now = 101_000;
  await expect(state.records(never)).rejects.toThrow('away');
});

it('keeps nothing back from a caller who left', async () => {
  let isAway = false;
  const state = createLastState(
    {
      records: () => (isAway ? Promise.reject(new Error('left')) : Promise.resolve([])),
      alerts: () => Promise.resolve(new Map()),
    },
    { clock: { now: () => 0 }, keptMs: 60_000 },
  );
  await state.records(never);
  isAway = true;
  await expect(state.records(AbortSignal.abort())).rejects.toThrow('left');
  expect(state.warnings()).toEqual([]);
});
