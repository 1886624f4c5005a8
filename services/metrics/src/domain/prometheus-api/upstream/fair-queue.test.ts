import { setMaxListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { createFairQueue, QueueFull } from './fair-queue.js';

const forever = new AbortController().signal;
setMaxListeners(0, forever);

/** A queue whose admissions are written down. */
function startQueue(total: number, perKey: number, waiting = 100) {
  const clock = { time: 0, now: () => clock.time };
  const queue = createFairQueue({ total, perKey, waiting }, clock);
  const admitted: string[] = [];
  const leave: Record<string, () => void> = {};
  const enter = async (name: string, signal = forever) => {
    leave[name] = await queue.acquire(name.charAt(0), signal);
    admitted.push(name);
  };
  return { queue, admitted, leave, enter, clock };
}

const soon = () => new Promise(setImmediate);

describe('a fair queue', () => {
  it('lets in at once while there is room, of one key up to its own bound', async () => {
    const { enter, admitted, queue } = startQueue(3, 2);
    for (const name of ['a1', 'a2', 'a3', 'b1', 'b2']) void enter(name);
    await soon();
    expect(admitted).toEqual(['a1', 'a2', 'b1']);
    expect(queue.load).toEqual({ running: 3, waiting: 2 });
  });

  it('serves keys in turn, however long one of the lines is', async () => {
    const { enter, admitted, leave } = startQueue(1, 1);
    for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'b2']) void enter(name);
    for (let index = 0; index < 7; index += 1) {
      await soon();
      leave[admitted[index] ?? '']?.();
    }
    expect(admitted).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
  });

  it('passes a key over that is at its bound', async () => {
    const { enter, admitted, leave } = startQueue(2, 1);
    for (const name of ['a1', 'b1', 'a2', 'c1']) void enter(name);
    await soon();
    leave['b1']?.();
    await soon();
    expect(admitted).toEqual(['a1', 'b1', 'c1']);
  });

  it('counts a place once, however often it is left', async () => {
    const { enter, leave, queue } = startQueue(1, 1);
    await enter('a1');
    leave['a1']?.();
    leave['a1']?.();
    expect(queue.load.running).toBe(0);
    await enter('b1');
    expect(queue.load.running).toBe(1);
  });

  it('refuses more than may wait, and takes it again when one has gone', async () => {
    const { enter, leave } = startQueue(1, 1, 1);
    await enter('a1');
    const waiting = enter('a2');
    await expect(enter('b1')).rejects.toThrow(QueueFull);
    leave['a1']?.();
    await waiting;
    void enter('b2');
    await soon();
    leave['a2']?.();
    await soon();
    expect(leave).toHaveProperty('b2');
  });

  it('refuses those of a key whose line stands, not those of a burst or of another key', async () => {
    const { enter, admitted, leave, clock, queue } = startQueue(1, 1);
    await enter('a1');
    for (let index = 2; index < 8; index += 1) void enter(`a${index}`);
    clock.time = 1500;
    void enter('a8');
    clock.time = 3000;
    void enter('a9');
    clock.time = 4000;
    await expect(enter('a-refused')).rejects.toThrow(QueueFull);
    void enter('b1');
    expect(queue.load.waiting).toBe(9);
    for (let served = 0; served < 10; served += 1) {
      leave[admitted[served] ?? '']?.();
      await soon();
    }
    expect(queue.load).toEqual({ running: 0, waiting: 0 });
    // An empty line alone is no calm yet.
    for (const name of ['a1', 'a2', 'a3']) void enter(name);
    clock.time = 5500;
    await expect(enter('a-again')).rejects.toThrow(QueueFull);
    for (const name of ['a1', 'a2', 'a3']) {
      leave[name]?.();
      await soon();
    }
    clock.time = 5800;
    for (const name of ['a4', 'a5']) void enter(name);
    clock.time = 7000;
    void enter('a6');
    expect(queue.load.waiting).toBe(2);
  });

  it('takes one burst after the other', async () => {
    const { enter, leave, clock, queue } = startQueue(1, 1);
    for (let burst = 0; burst < 6; burst += 1) {
      const names = Array.from({ length: 5 }, (_, index) => `a${burst}-${index}`);
      for (const name of names) void enter(name);
      clock.time += 100;
      void enter(`a${burst}-last`);
      expect(queue.load.waiting).toBe(5);
      for (const name of [...names, `a${burst}-last`]) {
        await soon();
        leave[name]?.();
      }
      clock.time += 400;
    }
    expect(queue.load).toEqual({ running: 0, waiting: 0 });
  });

  it('forgets who leaves while it waits, and serves those behind it', async () => {
    const { enter, admitted, leave, queue } = startQueue(1, 1);
    const leaving = new AbortController();
    await enter('a1');
    const gone = enter('a2', leaving.signal);
    void enter('a3');
    leaving.abort(new Error('left'));
    await expect(gone).rejects.toThrow('left');
    expect(queue.load.waiting).toBe(1);
    leave['a1']?.();
    await soon();
    expect(admitted).toEqual(['a1', 'a3']);
  });

  it('lets in at once again after all who waited have left', async () => {
    const { enter, admitted, leave } = startQueue(2, 1);
    const leaving = new AbortController();
    await enter('a1');
    const gone = enter('a2', leaving.signal);
    leaving.abort(new Error('left'));
    await expect(gone).rejects.toThrow('left');
    leave['a1']?.();
    await enter('a3');
    expect(admitted).toEqual(['a1', 'a3']);
  });

  it('does not let in who has left already', async () => {
    const { queue } = startQueue(1, 1);
    await expect(queue.acquire('a', AbortSignal.abort(new Error('left')))).rejects.toThrow('left');
    expect(queue.load).toEqual({ running: 0, waiting: 0 });
  });
});
