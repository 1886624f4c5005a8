import { describe, expect, it } from '@jest/globals';
import { callerMessages, scopeQuery } from '../index.js';

const mapped = (query: string, message: (scoped: string) => string): string => {
  const scoped = scopeQuery(query, { cluster: 'me', namespaces: ['é'] });
  if (!scoped.ok) throw new Error(scoped.reason);
  return callerMessages(query, scoped.insertions)(message(scoped.query));
};
/** Line and byte, both from 1, of a text in another. */
const placeOf = (text: string, part: string, from = 0): string => {
  const lines = text.slice(0, text.indexOf(part, from)).split('\n');
  return `${lines.length}:${Buffer.byteLength(lines.at(-1) ?? '') + 1}`;
};

describe('positions of a store', () => {
  it.each([
    ['behind a matcher that was put in', 'up + bool down', 'bool'],
    ['behind several', 'a + b + c * bool d', 'bool'],
    ['on another line', 'a\n+ b\n+ c{x="é"} * bool d', 'bool'],
    ['before all of them', 'sum(a) + b', 'sum'],
    ['at a selector', 'a + rate(bcd[5m])', 'bcd'],
  ])('are told in the text of the caller: %s', (_name, query, part) => {
    const error = mapped(query, (scoped) => `x: ${placeOf(scoped, part)}: parse error: y`);
    expect(error).toBe(`x: ${placeOf(query, part)}: parse error: y`);
    const note = mapped(query, (scoped) => `PromQL info: "up" (${placeOf(scoped, part)})`);
    expect(note).toBe(`PromQL info: "up" (${placeOf(query, part)})`);
  });

  it('behind lines that were put in are told, too', () => {
    const query = 'rate(\nm[5m]) * bool down';
    const clusters = new Map([
      ['a', ['x']],
      ['b', ['é']],
    ]);
    const scoped = scopeQuery(query, { clusters });
    if (!scoped.ok) throw new Error(scoped.reason);
    expect(scoped.query.split('\n')).toHaveLength(3);
    const error = `${placeOf(scoped.query, 'bool')}: parse error: y`;
    expect(callerMessages(query, scoped.insertions)(error)).toBe(
      `${placeOf(query, 'bool')}: parse error: y`,
    );
  });

  it('inside what was put in are those of the place', () => {
    expect(mapped('up', () => '1:9: parse error: y')).toBe('1:3: parse error: y');
  });

  const several = new Map([
    ['a', ['x']],
    ['b', ['é']],
  ]);
  it.each([
    ['rate(mno[5m])', 'mno'],
    ['1 + rate(mno[5m]) * 2', 'mno'],
    ['m{x="é"} + mno', 'mno'],
  ])('inside what was repeated are those of the original: %s', (query, part) => {
    const scoped = scopeQuery(query, { clusters: several });
    if (!scoped.ok) throw new Error(scoped.reason);
    const last = scoped.query.lastIndexOf(part);
    const note = `PromQL info: "mno" (${placeOf(scoped.query, part, last)})`;
    expect(callerMessages(query, scoped.insertions)(note)).toBe(
      `PromQL info: "mno" (${placeOf(query, part)})`,
    );
  });

  it('as bytes from and to are told, too', () => {
    const query = 'rate(a[1m]) + rate(b[step()])';
    const error = mapped(query, (scoped) => {
      const from = Buffer.byteLength(scoped.slice(0, scoped.indexOf('step()')));
      return `invalid parameter "query": ${from}:${from + 6}: duration must be greater than 0`;
    });
    expect(error).toBe('invalid parameter "query": 21:27: duration must be greater than 0');
  });

  it('are not found in other numbers', () => {
    expect(mapped('up', () => 'at 10:30 (in 1:20 h)')).toBe('at 10:30 (in 1:20 h)');
  });
});

describe('a text that is quoted', () => {
  it('is that of the caller', () => {
    const quoted = (text: string) =>
      `error when executing query=${JSON.stringify(text)} for (time=1, step=2): unparsed data: ${JSON.stringify(text.slice(4))}`;
    expect(mapped('up{a="b"} + 1', quoted)).toBe(quoted('up{a="b"} + 1'));
    const series = 'duplicate series for {cluster="me",namespace="é"}';
    expect(mapped('up', () => series)).toBe(series);
  });
});
