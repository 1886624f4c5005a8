import { describe, expect, it } from '@jest/globals';
import { createResponseCache, isComplete } from './response-cache.js';

const text = (body: string) => Buffer.from(body);

describe('cached responses', () => {
  function start(maxBytes = 10_000) {
    const clock = { ms: 5000, now: () => clock.ms };
    return { clock, cache: createResponseCache({ clock, maxBytes }) };
  }

  it('are given back until their time is over', () => {
    const { clock, cache } = start();
    cache.set('a', { status: 200, body: text('x') }, 1000);
    clock.ms += 1000;
    expect(cache.get('a')).toEqual({ status: 200, body: text('x'), storedAt: 5000 });
    clock.ms += 1;
    expect(cache.get('a')).toBeUndefined();
  });

  it('are not kept for ever where they may be kept for no time', () => {
    const { cache } = start();
    cache.set('a', { status: 200, body: text('x') }, 0);
    expect(cache.get('a')).toBeUndefined();
  });

  it('stay within their bytes', () => {
    const { cache } = start(3000);
    for (const key of ['a', 'b', 'c', 'd']) {
      cache.set(key, { status: 200, body: Buffer.alloc(1000) }, 1000);
    }
    expect(cache.bytes).toBeLessThanOrEqual(3000);
    expect([cache.get('a'), cache.get('d')?.status]).toEqual([undefined, 200]);
  });

  it('do not hold on to the memory they were a part of', () => {
    const { cache } = start();
    cache.set('a', { status: 200, body: Buffer.alloc(60_000).subarray(0, 10) }, 1000);
    expect(cache.get('a')?.body.buffer.byteLength).toBe(10);
  });
});

describe('whether an answer is whole', () => {
  it.each([
    ['{"status":"success","data":[]}', true],
    ['{"status":"success","data":[],"warnings":[],"isPartial":false}', true],
    ['{"status":"success","data":{"result":[{"metric":{"warnings":"x"}}]}}', true],
    ['{"status":"success","data":["\\"warnings\\":[\\"x\\"]"]}', true],
    ['{"status":"success","infos":["x"],"data":[]}', true],
    ['{"status":"success","data":[],"warnings":["cut"]}', false],
    ['{ "warnings" : [ "cut" ], "data": [] }', false],
    ['{"status":"success","isPartial":true,"data":[]}', false],
    [`{"data":"${'x'.repeat(100_000)}","warnings":["${'y'.repeat(100_000)}"]}`, false],
    ['{"warnings":["cut off', false],
  ])('is told: %#', (body, whole) => {
    expect(isComplete(text(body))).toBe(whole);
  });
});
