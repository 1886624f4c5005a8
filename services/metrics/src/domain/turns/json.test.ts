import { monitorEventLoopDelay } from 'node:perf_hooks';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseInTurns, printInTurns } from './json.js';

/** Texts that look like what stands between values, and like places that hold one. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 5 }),
  fc.constantFrom('[0]', '{"a":[1]}', '\\', '"', ']', '\\"[', '__proto__', '0', 'ü€😀'),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 6, depthSize: 'large' },
    fc.oneof(text, fc.double({ noNaN: true }), fc.boolean(), fc.constant(null), fc.nat(3)),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(text, tie('any'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).any;
const space = fc.constantFrom(0, 1, '\t', '\n ');

describe('JSON in turns', () => {
  it('is read as JSON.parse reads it, and printed as JSON.stringify prints it', async () => {
    await fc.assert(
      fc.asyncProperty(value, space, async (of, indent) => {
        const printed = JSON.stringify(of, null, indent);
        const parsed = await parseInTurns(Buffer.from(`${printed}\n`));
        expect(parsed).toEqual(JSON.parse(printed));
        expect(String(await printInTurns(parsed))).toBe(JSON.stringify(JSON.parse(printed)));
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  it('is refused where JSON.parse refuses it', async () => {
    const bytes = fc.constantFrom(...'[ ] { } " , : \\ 1 a [0] "a": null'.split(' '), ' ');
    const broken = fc.array(bytes, { maxLength: 8 }).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(broken, async (of) => {
        const outcome = await parseInTurns(Buffer.from(of)).catch(() => 'refused');
        expect(outcome).toEqual(parsed(of));
      }),
      { seed: 1, numRuns: 5000 },
    );
  });

  it('is refused where it is nested too deep to be an answer', async () => {
    const nested = (depth: number) => Buffer.from('['.repeat(depth) + ']'.repeat(depth));
    expect(String(await printInTurns(await parseInTurns(nested(1000))))).toBe(
      nested(1000).toString(),
    );
    await expect(parseInTurns(nested(1001))).rejects.toThrow(SyntaxError);
    await expect(parseInTurns(Buffer.alloc(10_000_000, '['))).rejects.toThrow(SyntaxError);
  });

  it('leaves out what is undefined', async () => {
    const many = Array.from({ length: 4000 }, (_, n) => ({
      n,
      none: undefined,
      list: [undefined],
    }));
    expect(String(await printInTurns({ many, none: undefined }))).toBe(JSON.stringify({ many }));
    const gaps = [...many, undefined];
    expect(String(await printInTurns(gaps))).toBe(JSON.stringify(gaps));
  });

  it.each([
    ['many short values', Array.from({ length: 200_000 }, (_, n) => ({ n, labels: { a: 'b' } }))],
    ['one within another', { a: [{ b: Array.from({ length: 200_000 }, () => ({ c: ['d'] })) }] }],
  ])('lets others have a turn: %s', async (_what, of) => {
    const body = Buffer.from(JSON.stringify(of));
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const printed = await printInTurns(await parseInTurns(body));
    delay.disable();
    expect(printed.equals(body)).toBe(true);
    // Turns are counted, not timed: a machine at work makes each of them long.
    expect(delay.count).toBeGreaterThan(10);
  });
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return 'refused';
  }
}
