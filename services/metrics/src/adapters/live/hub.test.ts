import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createHub, type Frame, type Listener } from './hub.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Counts the cycles it is asked for. */
function producer(lastAt = Infinity) {
  const made = { cycles: 0, signals: [] as AbortSignal[] };
  const produce = (signal: AbortSignal): Promise<Frame> => {
    made.cycles += 1;
    made.signals.push(signal);
    return Promise.resolve({
      bytes: Buffer.from(String(made.cycles)),
      id: String(made.cycles),
      last: made.cycles >= lastAt,
    });
  };
  return { made, produce };
}

function listener() {
  const heard: string[] = [];
  const own: Listener = {
    send: (bytes) => heard.push(bytes.toString()),
    end: () => heard.push('end'),
  };
  return { own, heard };
}

describe('a hub', () => {
  it('makes each frame once, however many listen', async () => {
    const hub = createHub({ everyMs: 1000 });
    const { made, produce } = producer();
    const listeners = Array.from({ length: 50 }, listener);
    listeners.forEach(({ own }) => hub.join('a', produce, own));
    await jest.advanceTimersByTimeAsync(2500);
    expect(made.cycles).toBe(3);
    for (const { heard } of listeners) expect(heard).toEqual(['1', '2', '3']);
  });

  it('keeps what is asked under other keys apart', async () => {
    const hub = createHub({ everyMs: 1000 });
    const [one, other] = [producer(), producer()];
    hub.join('a', one.produce, listener().own);
    hub.join('b', other.produce, listener().own);
    await jest.advanceTimersByTimeAsync(500);
    expect([one.made.cycles, other.made.cycles]).toEqual([1, 1]);
  });

  it('gives the newest frame at once to one that joins later', async () => {
    const hub = createHub({ everyMs: 1000 });
    const { produce } = producer();
    hub.join('a', produce, listener().own);
    await jest.advanceTimersByTimeAsync(1500);
    const late = listener();
    hub.join('a', produce, late.own);
    expect(late.heard).toEqual(['2']);
  });

  it('sends a frame that is the same as before to nobody who has it', async () => {
    const hub = createHub({ everyMs: 1000 });
    const made = { cycles: 0 };
    const produce = (): Promise<Frame> => {
      made.cycles += 1;
      const id = made.cycles < 3 ? 'first' : 'second';
      return Promise.resolve({ bytes: Buffer.from(id), id, last: false });
    };
    const [early, back] = [listener(), listener()];
    hub.join('a', produce, early.own);
    await jest.advanceTimersByTimeAsync(500);
    hub.join('a', produce, back.own, 'first');
    await jest.advanceTimersByTimeAsync(1000);
    expect([made.cycles, early.heard, back.heard]).toEqual([2, ['first'], []]);
    await jest.advanceTimersByTimeAsync(1000);
    expect([early.heard, back.heard]).toEqual([['first', 'second'], ['second']]);
  });

  it('goes on for the others when the first one leaves, and ends with the last', async () => {
    const hub = createHub({ everyMs: 1000 });
    const { made, produce } = producer();
    const [first, second] = [listener(), listener()];
    const leave = hub.join('a', produce, first.own);
    const leaveToo = hub.join('a', produce, second.own);
    await jest.advanceTimersByTimeAsync(500);
    leave();
    await jest.advanceTimersByTimeAsync(1000);
    expect(second.heard).toEqual(['1', '2']);
    expect(first.heard).toEqual(['1']);
    leaveToo();
    await jest.advanceTimersByTimeAsync(5000);
    expect(made.cycles).toBe(2);
    expect(made.signals.every(({ aborted }) => aborted)).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('begins a new cycle for who comes after the last one has left', async () => {
    const hub = createHub({ everyMs: 1000 });
    const { made, produce } = producer();
    hub.join('a', produce, listener().own)();
    const next = listener();
    hub.join('a', produce, next.own);
    await jest.advanceTimersByTimeAsync(500);
    expect(made.cycles).toBe(2);
    expect(next.heard).toEqual(['2']);
  });

  it('ends everybody with the last frame', async () => {
    const hub = createHub({ everyMs: 1000 });
    const { produce } = producer(2);
    const own = listener();
    hub.join('a', produce, own.own);
    await jest.advanceTimersByTimeAsync(5000);
    expect(own.heard).toEqual(['1', '2', 'end']);
    expect(jest.getTimerCount()).toBe(0);
  });
});
