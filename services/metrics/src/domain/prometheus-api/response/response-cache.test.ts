import { describe, expect, it } from '@jest/globals';
import { createKeptAnswers, isWhole } from './response-cache.js';

const text = (body: string) => Buffer.from(body);

describe('kept answers', () => {
  function start(maxBytes = 10_000) {
    const clock = { ms: 5000, now: () => clock.ms };
    return { clock, kept: createKeptAnswers({ clock, maxBytes }) };
  }

  it('are given back until their time is over', () => {
    const { clock, kept } = start();
    kept.keep('a', { status: 200, body: text('x') }, 1000);
    clock.ms += 1000;
    expect(kept.get('a')).toEqual({ status: 200, body: text('x'), at: 5000 });
    clock.ms += 1;
    expect(kept.get('a')).toBeUndefined();
  });

  it('are not kept for ever where they may be kept for no time', () => {
    const { kept } = start();
    kept.keep('a', { status: 200, body: text('x') }, 0);
    expect(kept.get('a')).toBeUndefined();
  });

  it('stay within their bytes', () => {
    const { kept } = start(3000);
    for (const key of ['a', 'b', 'c', 'd']) {
      kept.keep(key, { status: 200, body: Buffer.alloc(1000) }, 1000);
    }
    expect(kept.bytes).toBeLessThanOrEqual(3000);
    expect([kept.get('a'), kept.get('d')?.status]).toEqual([undefined, 200]);
  });

  it('do not hold on to the memory they were a part of', () => {
    const { kept } = start();
    kept.keep('a', { status: 200, body: Buffer.alloc(60_000).subarray(0, 10) }, 1000);
    expect(kept.get('a')?.body.buffer.byteLength).toBe(10);
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
    expect(isWhole(text(body))).toBe(whole);
  });
});
