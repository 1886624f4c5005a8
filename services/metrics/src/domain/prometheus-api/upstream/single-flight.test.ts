import { setMaxListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { createStreamingSingleFlight, type SharedResponse } from './single-flight.js';
import type { UpstreamResponse } from './upstream.js';

const soon = () => new Promise(setImmediate);
const forever = new AbortController().signal;
setMaxListeners(0, forever);

interface Pending {
  readonly signal: AbortSignal;
  answer(reply: UpstreamResponse): void;
  fail(error: Error): void;
}

function startSingleFlight() {
  const pending: Pending[] = [];
  const ended: (string | null)[] = [];
  const broken: unknown[] = [];
  const singleFlight = createStreamingSingleFlight<UpstreamResponse>({
    maxBytes: 100,
    windowBytes: 10,
    onEnd: (_reply, whole) => ended.push(whole === null ? null : whole.toString()),
    onBreak: (_reply, error) => broken.push(error),
  });
  const work = (signal: AbortSignal) =>
    new Promise<UpstreamResponse>((resolve, reject) => {
      pending.push({ signal, answer: resolve, fail: reject });
    });
  const join = (signal = forever, key = 'key') => singleFlight.do(key, signal, work);
  return { join, pending, ended, broken };
}

const short = (text: string): UpstreamResponse => ({
  status: 200,
  first: Buffer.from(text),
  rest: null,
});

/** Gives pieces until the signal of the work is aborted. */
function long(signal: AbortSignal, ...pieces: string[]): UpstreamResponse {
  async function* rest(): AsyncGenerator<Buffer, void> {
    for (const piece of pieces) {
      await soon();
      signal.throwIfAborted();
      yield Buffer.from(piece);
    }
    if (pieces.at(-1) === '…')
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
  }
  return { status: 200, first: Buffer.from('0'), rest: rest() };
}

async function textOf({ body }: SharedResponse<UpstreamResponse>): Promise<string> {
  if (Buffer.isBuffer(body)) return body.toString();
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

describe('an answer under way', () => {
  it('is one for all who ask meanwhile, and another for those who come later', async () => {
    const { join, pending, ended } = startSingleFlight();
    const asked = Array.from({ length: 200 }, () => join());
    pending[0]?.answer(short('a'));
    const got = await Promise.all(asked);
    expect(await Promise.all(got.map(textOf))).toEqual(Array<string>(200).fill('a'));
    expect(got.filter(({ shared }) => shared)).toHaveLength(199);
    expect([pending.length, ended]).toEqual([1, ['a']]);
    void join();
    expect(pending).toHaveLength(2);
  });

  it('is not shared between keys', () => {
    const { join, pending } = startSingleFlight();
    void join(forever, 'one');
    void join(forever, 'other');
    expect(pending).toHaveLength(2);
  });

  it('fails for all, and is begun anew afterwards', async () => {
    const { join, pending } = startSingleFlight();
    const asked = [join(), join()];
    pending[0]?.fail(new Error('down'));
    for (const one of asked) await expect(one).rejects.toThrow('down');
    const again = join();
    pending[1]?.answer(short('up'));
    expect(await textOf(await again)).toBe('up');
  });

  it('goes on for the others when one leaves, and ends when all have left', async () => {
    const { join, pending } = startSingleFlight();
    const [one, other] = [new AbortController(), new AbortController()];
    const asked = [join(one.signal), join(other.signal)];
    one.abort(new Error('left'));
    await expect(asked[0]).rejects.toThrow('left');
    expect(pending[0]?.signal.aborted).toBe(false);
    other.abort(new Error('left too'));
    await expect(asked[1]).rejects.toThrow('left too');
    expect(pending[0]?.signal.aborted).toBe(true);
  });

  it('is not shared once it was given up', async () => {
    const { join, pending } = startSingleFlight();
    const leaving = new AbortController();
    const gone = join(leaving.signal);
    leaving.abort(new Error('left'));
    const next = join();
    await expect(gone).rejects.toThrow('left');
    pending[1]?.answer(short('b'));
    pending[0]?.answer(short('a'));
    expect(await textOf(await next)).toBe('b');
  });

  it('does not begin for one who has left', async () => {
    const { join, pending } = startSingleFlight();
    await expect(join(AbortSignal.abort(new Error('left')))).rejects.toThrow('left');
    expect(pending).toHaveLength(0);
  });
});

describe('a body under way', () => {
  it('is shared while it comes in, and kept when it fits', async () => {
    const { join, pending, ended } = startSingleFlight();
    const first = join();
    pending[0]?.answer(long(pending[0].signal, '1', '2'));
    const reading = textOf(await first);
    const second = await join();
    expect([second.shared, await textOf(second), await reading]).toEqual([true, '012', '012']);
    await soon();
    expect([pending.length, ended]).toEqual([1, ['012']]);
  });

  it('is asked for anew by one who comes when its beginning is gone', async () => {
    const { join, pending, ended } = startSingleFlight();
    const first = join();
    const { signal = forever } = pending[0] ?? {};
    pending[0]?.answer(long(signal, '123456', '123456', '…'));
    const { body } = await first;
    const reader = (body as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    for (let read = 0; read < 3; read += 1) await reader.next();
    await soon();
    const late = join();
    await soon();
    pending[1]?.answer(short('anew'));
    expect(await textOf(await late)).toBe('anew');
    expect(ended).toEqual(['anew']);
    await reader.return?.();
    expect(signal.aborted).toBe(true);
  });

  it('ends when its last reader leaves', async () => {
    const { join, pending, broken } = startSingleFlight();
    const leaving = [new AbortController(), new AbortController()];
    const asked = leaving.map(({ signal }) => join(signal));
    pending[0]?.answer(long(pending[0].signal, '1', '…'));
    const readings = (await Promise.all(asked)).map(textOf);
    leaving[0]?.abort(new Error('left'));
    await soon();
    expect(pending[0]?.signal.aborted).toBe(false);
    leaving[1]?.abort(new Error('left'));
    await Promise.allSettled(readings);
    expect(pending[0]?.signal.aborted).toBe(true);
    await soon();
    expect(broken).toHaveLength(1);
  });

  it('ends when one who never began to read leaves', async () => {
    const { join, pending } = startSingleFlight();
    const leaving = new AbortController();
    const asked = join(leaving.signal);
    pending[0]?.answer(long(pending[0].signal, '…'));
    await asked;
    leaving.abort(new Error('left'));
    expect(pending[0]?.signal.aborted).toBe(true);
    await soon();
  });

  it('is told of to all when it breaks', async () => {
    const { join, pending, broken } = startSingleFlight();
    const asked = [join(), join()];
    pending[0]?.answer(long(pending[0].signal, '1'.repeat(101)));
    for (const one of asked) await expect(textOf(await one)).rejects.toThrow('larger than');
    expect(broken).toHaveLength(1);
  });
});
