import { startStack, type Stack } from '@bud-monitoring/stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { constant, loadSeries, ramp, series, steps, without } from '../../stack/src/fleet/index.js';
import { instantQuery } from './instant-query.js';

const START = 1_700_000_000;
const END = START + 3600;
const ADDRESS = { instance: '10.0.0.1:9100' };

describe('series with known answers in a real Prometheus', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({
      prometheus: {
        retention: '50y',
        prepare: async (paths) => {
          const { samples } = await loadSeries({
            series: [
              series('level', { cluster: 'a', ...ADDRESS }, constant(1)),
              series('level', { cluster: 'b', ...ADDRESS }, constant(2)),
              series('level', { cluster: 'b', instance: '[fd00::1]:9100' }, constant(3)),
              series(
                'steps',
                {},
                steps([
                  [0, 1],
                  [1800, 5],
                ]),
              ),
              series('gone', {}, without([[900, Infinity]], constant(9))),
              series('counted_total', { kind: 'plain' }, ramp(2)),
              series('counted_total', { kind: 'reset' }, ramp(2, { resets: [1230] })),
              series('odd', { text: 'a "b" \\ c' }, '_x118 +Inf NaN 7'),
            ],
            start: START,
            end: END,
            interval: 30,
            ...paths,
          });
          expect(samples).toBe(6 * 121 + 30 + 3);
        },
      },
    });
  }, 60_000);
  afterAll(() => stack.stop());

  const ask = (query: string, time = END) => instantQuery(stack.prometheus!.url, query, time);
  const value = async (query: string, time = END) => {
    const [sample, ...others] = await ask(query, time);
    expect(others).toEqual([]);
    return sample?.value;
  };

  it('keeps clusters apart that share an address', async () => {
    expect(await value('sum(level{cluster="a"})')).toBe(1);
    expect(await value('sum(level{cluster="b"})')).toBe(5);
    expect(await value('level{instance="[fd00::1]:9100"}')).toBe(3);
  });

  it('has the value of the time asked for', async () => {
    expect(await value('steps', START + 1799)).toBe(1);
    expect(await value('steps', START + 1800)).toBe(5);
    expect(await ask('steps', START - 1)).toEqual([]);
  });

  it('ends a series where it was to end, five minutes of looking back aside', async () => {
    expect(await value('gone', START + 870 + 299)).toBe(9);
    expect(await ask('gone', START + 870 + 301)).toEqual([]);
  });

  it('counts at the rate it was told to, and over a reset', async () => {
    expect(await value('rate(counted_total{kind="plain"}[10m])')).toBeCloseTo(2, 6);
    expect(await value('resets(counted_total{kind="reset"}[30m])', START + 2400)).toBe(1);
    expect(await value('resets(counted_total{kind="plain"}[1h])')).toBe(0);
  });

  it('has NaN, infinity and quotes', async () => {
    const odd = 'odd{text="a \\"b\\" \\\\ c"}';
    expect(await value(odd, END - 60)).toBe(Infinity);
    expect(await value(odd, END - 30)).toBeNaN();
    expect(await value(odd)).toBe(7);
  });
});
