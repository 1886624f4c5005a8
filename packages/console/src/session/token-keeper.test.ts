import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CannotRenew, createTokenKeeper, renewalTime, type KeeperNews } from './token-keeper';
import type { Tokens } from './tokens';

const MINUTE = 60_000;
const start = Date.UTC(2026, 10, 30);

const tokens = (changes: Partial<Tokens> = {}): Tokens => ({
  access: 'a1',
  refresh: 'r1',
  since: start,
  endsAt: start + 10 * MINUTE,
  ...changes,
});

beforeEach(() => void jest.useFakeTimers({ now: start }));
afterEach(() => void jest.useRealTimers());

function keeper(options: { tokens?: Tokens; renew?: (refresh: string) => Promise<Tokens> } = {}) {
  const news: KeeperNews[] = [];
  let count = 1;
  const renew = jest.fn(
    options.renew ??
      (() => {
        count += 1;
        const since = Date.now();
        const endsAt = since + 10 * MINUTE;
        return Promise.resolve({ access: `a${count}`, refresh: `r${count}`, since, endsAt });
      }),
  );
  const kept = createTokenKeeper({
    tokens: options.tokens ?? tokens(),
    renew,
    tell: (one) => news.push(one),
  });
  return { ...kept, renew, kinds: () => news.map(({ is }) => is), news };
}

describe('when tokens are renewed', () => {
  it.each([
    [10 * MINUTE, 9 * MINUTE],
    [4000, 3200],
    [null, Infinity],
  ])('of a life of %p ms: after %p', (life, after) => {
    const endsAt = life === null ? null : start + life;
    expect(renewalTime(tokens({ endsAt }))).toBe(start + after);
  });

  it('is before their end, by itself, again and again', async () => {
    const { renew, kinds, token } = keeper();
    await jest.advanceTimersByTimeAsync(9 * MINUTE + 1);
    expect(await token()).toBe('a2');
    await jest.advanceTimersByTimeAsync(9 * MINUTE + 1);
    expect(await token()).toBe('a3');
    expect(renew.mock.calls).toEqual([['r1'], ['r2']]);
    expect(kinds()).toEqual(['renewed', 'renewed']);
  });

  it('is when somebody asks and no timer ran, as after sleep; once for all who ask', async () => {
    const { renew, token } = keeper();
    jest.setSystemTime(start + 60 * MINUTE);
    expect(await Promise.all([token(), token(), token()])).toEqual(['a2', 'a2', 'a2']);
    expect(renew).toHaveBeenCalledTimes(1);
  });

  it('is when the API refuses one, and only that one', async () => {
    const { renew, token } = keeper();
    expect(await Promise.all([token('a1'), token('a1')])).toEqual(['a2', 'a2']);
    expect(await token('a1')).toBe('a2');
    expect(renew).toHaveBeenCalledTimes(1);
  });
});

describe('tokens that cannot be renewed', () => {
  it('are said to end, tried again, and renewed when the issuer is back', async () => {
    let isUp = false;
    const { token, kinds, news, renew } = keeper({
      renew: () =>
        isUp
          ? Promise.resolve(
              tokens({ access: 'new', since: Date.now(), endsAt: start + 90 * MINUTE }),
            )
          : Promise.reject(new TypeError('no connection')),
    });
    await jest.advanceTimersByTimeAsync(9 * MINUTE + 1);
    expect(news).toEqual([{ is: 'ending', endsAt: start + 10 * MINUTE, canRenew: true }]);
    expect(await token()).toBe('a1');
    isUp = true;
    await jest.advanceTimersByTimeAsync(10_001);
    expect(await token()).toBe('new');
    expect(kinds()).toEqual(['ending', 'renewed']);
    expect(renew).toHaveBeenCalledTimes(3);
  });

  it('are not asked for again once the issuer said no, and end at their time', async () => {
    const { token, kinds, news, renew } = keeper({
      renew: () => Promise.reject(new CannotRenew('no')),
    });
    await jest.advanceTimersByTimeAsync(9 * MINUTE + 1);
    expect(news).toEqual([{ is: 'ending', endsAt: start + 10 * MINUTE, canRenew: false }]);
    await jest.advanceTimersByTimeAsync(MINUTE);
    expect(kinds()).toEqual(['ending', 'ended']);
    await expect(token()).rejects.toThrow(CannotRenew);
    expect(renew).toHaveBeenCalledTimes(1);
  });

  it('stay as they are when the API refuses one: asking again would change nothing', async () => {
    const { token, renew } = keeper({ tokens: tokens({ refresh: null }) });
    expect(await token('a1')).toBe('a1');
    expect(renew).not.toHaveBeenCalled();
  });

  it('of which nobody knows the end are left to the API', async () => {
    const { token, kinds } = keeper({ tokens: tokens({ refresh: null, endsAt: null }) });
    await jest.advanceTimersByTimeAsync(100 * 24 * 60 * MINUTE);
    expect(await token()).toBe('a1');
    expect(kinds()).toEqual([]);
  });
});

it('says nothing more once it is stopped', async () => {
  const { stop, kinds, renew } = keeper();
  stop();
  await jest.advanceTimersByTimeAsync(20 * MINUTE);
  expect(renew).not.toHaveBeenCalled();
  expect(kinds()).toEqual([]);
});
