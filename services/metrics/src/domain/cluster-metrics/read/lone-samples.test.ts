import { expect, it } from '@jest/globals';
import type { CounterFigure } from '../../time-base/counter-figure.js';
import type { TargetBlock } from '../../time-base/blocks/target-block.js';
import type { TimeRange } from '../../time/time-range.js';
import type { Block } from './blocks.js';
import { withLoneSamples } from './lone-samples.js';

const metric = { instance: 'a' };
const counter: CounterFigure = {
  figure: 'power',
  group: { id: 'kepler', metric: 'joules', matchers: [], labels: { by: ['instance'] } },
  expr: () => '',
};

function blockOf(range: TimeRange, one: Partial<TargetBlock>, watts?: number): Block {
  const values = new Map(watts === undefined ? [] : [['power', watts]]);
  const target = {
    metric,
    range,
    runs: [range],
    present: [range],
    interval: 280,
    count: 9,
    values,
  };
  return {
    range,
    belongsTo: 'window',
    targets: new Map([['kepler', [{ ...target, ...one }]]]),
  } as unknown as Block;
}

const before = blockOf({ start: 0, end: 3600 }, {}, 100);
const range = { start: 3600, end: 4000 };
const after = blockOf({ start: 4000, end: 7600 }, {}, 200);
const wattsOf = (blocks: readonly Block[], at: number) =>
  blocks[at]?.targets.get('kepler')?.[0]?.values.get('power');

it.each<[string, Partial<TargetBlock>, number | undefined]>([
  ['both sides', { count: 1 }, 150],
  ['the side before', { count: 1, runs: [{ start: 3600, end: 3700 }] }, 100],
  ['the side after', { count: 1, runs: [{ start: 3700, end: 4000 }] }, 200],
  ['neither', { count: 1, runs: [{ start: 3700, end: 3800 }] }, undefined],
  ['neither, as it has two samples that tell nothing', { count: 2 }, undefined],
])('gives a target with one sample the growth of %s', (_what, one, watts) => {
  const blocks = withLoneSamples([before, blockOf(range, one), after], [counter]);
  expect(wattsOf(blocks, 0)).toBe(100);
  expect(wattsOf(blocks, 1)).toBe(watts);
  expect(wattsOf(blocks, 2)).toBe(200);
});
