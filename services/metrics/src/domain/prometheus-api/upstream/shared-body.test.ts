import { describe, expect, it, jest } from '@jest/globals';
import { BodyTooLarge, shareBody, type BodyReader } from './shared-body.js';

const soon = () => new Promise(setImmediate);

/** A source that gives one piece whenever it is told to. */
function startSource() {
  const steps: ((piece: Buffer | null | Error) => void)[] = [];
  let asked = 0;
  async function* pieces(): AsyncGenerator<Buffer, void> {
    for (;;) {
      asked += 1;
      const piece = await new Promise<Buffer | null | Error>((resolve) => steps.push(resolve));
      if (piece instanceof Error) throw piece;
      if (piece === null) return;
      yield piece;
    }
  }
  const give = async (piece: string | null | Error) => {
    steps.shift()?.(typeof piece === 'string' ? Buffer.from(piece) : piece);
    await soon();
  };
  return { rest: pieces(), give, asked: () => asked };
}

function share(options: { maxBytes?: number; windowBytes?: number } = {}) {
  const source = startSource();
  const abandon = jest.fn();
  const body = shareBody(
    { first: Buffer.from('one '), rest: source.rest },
    { maxBytes: 1000, windowBytes: 100, abandon, ...options },
  );
  body.ended.catch(() => undefined);
  return { ...source, abandon, body };
}

async function textOf(reader: BodyReader | null): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of reader ?? []) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

describe('a shared body', () => {
  it('is read whole by all, whenever they come', async () => {
    const { body, give } = share();
    const first = textOf(body.open());
    await give('two ');
    const second = textOf(body.open());
    await give('three');
    await give(null);
    expect(await Promise.all([first, second])).toEqual(['one two three', 'one two three']);
    expect(body.complete?.toString()).toBe('one two three');
  });

  it('is not followed before somebody reads', async () => {
    const { body, asked } = share();
    await soon();
    expect(asked()).toBe(0);
    body.open();
    expect(asked()).toBe(1);
  });

  it('tells all of what broke it off', async () => {
    const { body, give } = share();
    const told = Promise.allSettled([textOf(body.open()), textOf(body.open()), body.ended]);
    await give(new Error('cut'));
    const broken = { status: 'rejected', reason: expect.objectContaining({ message: 'cut' }) };
    expect(await told).toEqual([broken, broken, broken]);
    expect(body.complete).toBeNull();
  });

  it('is broken off above its bound, with the bound and a way to stay within it', async () => {
    const { body, give } = share({ maxBytes: 8 });
    const told = Promise.allSettled([textOf(body.open())]);
    await give('too much');
    expect(await told).toEqual([{ status: 'rejected', reason: expect.any(BodyTooLarge) }]);
    expect(new BodyTooLarge(64 * 2 ** 20).message).toBe(
      'The answer is larger than 64 MiB; ask for fewer series, a longer step or a shorter range',
    );
  });

  it('ends the source with its last reader', () => {
    const { body, abandon } = share();
    const [one, other] = [body.open(), body.open()];
    one?.close();
    one?.close();
    expect(abandon).not.toHaveBeenCalled();
    other?.close();
    expect(abandon).toHaveBeenCalledTimes(1);
  });

  it('does not end a source that is through', async () => {
    const { body, give, abandon } = share();
    const reader = body.open();
    await give(null);
    reader?.close();
    expect(abandon).not.toHaveBeenCalled();
  });

  it('waits for who reads slowest once more than the window is unread', async () => {
    const { body, give, asked } = share({ windowBytes: 10 });
    const slow = body.open()?.[Symbol.asyncIterator]();
    const quick = textOf(body.open());
    await give('12345');
    expect(asked()).toBe(2);
    await give('12345');
    expect(asked()).toBe(2);
    for (let read = 0; read < 2; read += 1) await slow?.next();
    await soon();
    expect(asked()).toBe(3);
    await give(null);
    expect(await quick).toBe('one 1234512345');
  });

  it('goes on when the slowest leaves', async () => {
    const { body, give, asked } = share({ windowBytes: 10 });
    const slow = body.open();
    const quick = textOf(body.open());
    await give('1234567890');
    expect(asked()).toBe(1);
    slow?.close();
    await soon();
    await give(null);
    expect(await quick).toBe('one 1234567890');
  });

  it('is not kept when it is longer than the window, nor joined once its beginning is gone', async () => {
    const { body, give } = share({ windowBytes: 10 });
    const reading = textOf(body.open());
    await give('1234567890');
    await give('tail');
    expect(body.open()).toBeNull();
    await give(null);
    expect(await reading).toBe('one 1234567890tail');
    expect(body.complete).toBeNull();
  });
});
