import { expect, it } from '@jest/globals';
import type { Scope } from '../promql/scope.js';
import type { TargetFigures } from './blocks/block-figures.js';
import { apartFigures, inFamilies } from './families.js';
import type { TargetGroup } from './target-group.js';

const scopeWith = (...names: string[]) =>
  ({ has: (name) => names.includes(name), select: (name) => `${name}{}` }) as Pick<
    Scope,
    'has' | 'select'
  > as Scope;

const groupOf = (id: string, more: Partial<TargetGroup> = {}): TargetGroup => ({
  ...{ id, metric: id, matchers: [], labels: { by: ['uuid'] }, family: 'gpus' },
  ...more,
});
const gauge = (group: TargetGroup) => ({ figure: group.id, group, expr: () => group.metric });
const figures: TargetFigures = {
  counters: [{ figure: 'energy', group: groupOf('energy'), expr: (of) => of('energy') }],
  gauges: [
    gauge(groupOf('watts')),
    gauge(groupOf('slices', { labels: { without: ['mode'] } })),
    gauge(groupOf('other', { family: 'servers' })),
    gauge({ id: 'node', metric: 'node', matchers: [], labels: { by: ['instance'] } }),
  ],
};
const groups = ({ counters, gauges }: TargetFigures) =>
  [...counters, ...gauges].map(({ figure, group }) => `${figure} by ${group.id}`);

it('takes the targets of the first of a family, where the others have none of their own', () => {
  const others = ['slices by slices', 'other by other', 'node by node'];
  expect(groups(inFamilies(figures, scopeWith()))).toEqual([
    'energy by energy',
    'watts by energy',
    ...others,
  ]);
  expect(groups(inFamilies(figures, scopeWith('watts:apart')))).toEqual([
    'energy by energy',
    'watts by watts',
    ...others,
  ]);
});

it('counts the targets that the first has not', () => {
  expect(apartFigures(figures, scopeWith())).toEqual([
    {
      metric: 'watts:apart',
      figure: {
        figure: 'watts:apart',
        expr: 'count(last_over_time(watts{}[299999ms]) unless on (uuid) last_over_time(energy{}[299999ms]))',
      },
    },
  ]);
});
