import { describe, expect, it } from '@jest/globals';
import { createAdmission, createLongTurn, createLoopWait } from './admission.js';

function start(most = 200) {
  const state = { now: 0, loop: 0, upstream: 0 };
  const admission = createAdmission({
    most,
    waits: { loop: () => state.loop, upstream: () => state.upstream },
    now: () => state.now,
  });
  const enter = (count: number) =>
    Array.from({ length: count }, () => admission.enter()).filter((leave) => leave !== undefined);
  return { state, admission, enter };
}

describe('admission', () => {
  it('lets in as many as may be at work, and others once one has left', () => {
    const { admission, enter } = start(3);
    const [leave] = enter(5);
    expect(admission.atWork).toBe(3);
    leave?.();
    expect(enter(2)).toHaveLength(1);
  });

  it.each([
    ['the event loop', { loop: 60, upstream: 0 }],
    ['an upstream', { loop: 0, upstream: 400 }],
  ])('lets in fewer while all wait for %s, and more again after', (_what, waits) => {
    const { state, admission, enter } = start();
    const leaves = enter(200);
    Object.assign(state, waits);
    for (let look = 0; look < 50; look += 1) {
      state.now += 100;
      expect(enter(1)).toEqual([]);
    }
    expect(admission.limit).toBe(24);
    for (const leave of leaves) leave();
    Object.assign(state, { loop: 0, upstream: 0 });
    const calm = (looks: number) => {
      for (let look = 0; look < looks; look += 1) {
        state.now += 100;
        for (const leave of enter(1)) leave();
      }
    };
    calm(40);
    expect(admission.limit).toBeLessThan(80);
    calm(90);
    expect(admission.limit).toBe(200);
  });

  it('stays near what can be served while more is asked for', () => {
    const { state, admission, enter } = start(1000);
    const limits: number[] = [];
    for (let look = 0; look < 300; look += 1) {
      state.now += 100;
      const leaves = enter(2000);
      // A turn is as long as what is at work: a hundred at once are what a turn of 25 ms takes.
      state.loop = leaves.length / 4;
      if (look > 40) limits.push(admission.limit);
      for (const leave of leaves) leave();
    }
    expect(Math.min(...limits)).toBeGreaterThan(70);
    expect(Math.max(...limits)).toBeLessThan(130);
  });

  it('lets in a burst, though all of it waits', () => {
    const { state, enter } = start();
    for (let look = 0; look < 9; look += 1) {
      state.upstream = 100 * look;
      state.now += 100;
      expect(enter(20)).toHaveLength(20);
    }
  });

  it('lets in what a page may ask for at once, however long all wait', () => {
    const { state, admission, enter } = start();
    state.loop = 500;
    state.now += 2000;
    for (let look = 0; look < 24; look += 1) {
      state.now += 100;
      expect(enter(1)).toHaveLength(1);
    }
    expect(admission.isFull()).toBe(true);
  });
});

it('tells how long the event loop keeps work waiting', async () => {
  const loopWait = createLoopWait();
  await new Promise((resolve) => setTimeout(resolve, 150));
  loopWait();
  for (let turn = 0; turn < 4; turn += 1) {
    const until = performance.now() + 60;
    while (performance.now() < until);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(loopWait()).toBeGreaterThan(25);
});

it('has a long turn for many that ask, and not for a page on a slow machine', () => {
  const isLongTurn = createLongTurn(() => 100, 25);
  const began = performance.now();
  const page = [isLongTurn()];
  while (performance.now() - began < 1100); // one turn, and longer than a burst
  page.push(...Array.from({ length: 23 }, isLongTurn));
  expect(page).not.toContain(true);
  expect(isLongTurn()).toBe(true);
});
