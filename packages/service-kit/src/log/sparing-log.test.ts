import { expect, it, jest } from '@jest/globals';
import { createSparingLog } from './sparing-log.js';

it('tells a warning once, then once a minute with how many were left out', () => {
  let now = 0;
  const log = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const sparing = createSparingLog({ log, clock: { now: () => now } });
  for (; now < 150_000; now += 1000) sparing.warn('away', { reason: 'refused' });
  expect(log.warn.mock.calls).toEqual([
    ['away', { reason: 'refused' }],
    ['away', { reason: 'refused', untold: 59 }],
    ['away', { reason: 'refused', untold: 59 }],
  ]);
});

it('keeps different warnings, and everything that is no warning', () => {
  const log = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const sparing = createSparingLog({ log, clock: { now: () => 0 } });
  for (const message of ['one', 'two', 'two']) {
    sparing.warn(message);
    sparing.info(message);
    sparing.error(message);
  }
  expect(log.warn.mock.calls.map(([message]) => message)).toEqual(['one', 'two']);
  expect(log.info).toHaveBeenCalledTimes(3);
  expect(log.error).toHaveBeenCalledTimes(3);
});
