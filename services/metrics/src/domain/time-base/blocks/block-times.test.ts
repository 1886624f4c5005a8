import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import type { MetricSource } from '../../../ports.js';
import { clusterScope } from '../../promql/scope.js';
import { targetKeyOf, type TargetGroup } from '../target-group.js';
import type { BlockTable } from './block-tables.js';
import { readBlockTimes } from './block-times.js';

const cluster = clusterIdSchema.parse('0f000000-0000-4000-8000-000000000001');
const names = ['use', 'watts', 'joules'];
const group = (metric: string, family?: string): TargetGroup => ({
  id: `gpu:${metric}`,
  metric,
  matchers: [],
  labels: { by: ['UUID'] },
  ...(family !== undefined && { family }),
});
const times = [60, 120, 180];
const range = { start: 0, end: 300 };

/** A block in which devices were seen so many times, by metric. */
function block(counts: Readonly<Record<string, readonly number[]>>): BlockTable {
  const targets = Object.entries(counts).map(([metric, own]) => {
    const keyOf = targetKeyOf(group(metric));
    const seen = own.map((count, device) => {
      const labels = { UUID: String(device) };
      return [
        keyOf(labels),
        { metric: labels, count, seen: 0.5, first: undefined, last: undefined },
      ] as const;
    });
    return [`gpu:${metric}`, new Map(seen)] as const;
  });
  return { range, targets: new Map(targets), orphans: new Map(), values: new Map() };
}

async function read(counts: Readonly<Record<string, readonly number[]>>, family?: string) {
  const selectors: string[] = [];
  const source: Pick<MetricSource, 'samples'> = {
    samples(selector) {
      selectors.push(selector);
      const asked = names.filter((name) => selector.includes(name));
      const series = asked.flatMap((name) =>
        ['0', '1'].map((UUID) => ({ metric: { __name__: name, UUID }, times, values: times })),
      );
      return Promise.resolve({ series, notes: [] });
    },
  };
  const found = await readBlockTimes(source, {
    scope: clusterScope(cluster, { networkDeviceExclude: '' }, new Set(names)),
    groups: names.map((name) => group(name, family)),
    blocks: [block(counts)],
    signal: new AbortController().signal,
  });
  return { asked: names.filter((name) => selectors[0]?.includes(name)), found };
}

describe('the sample times of groups of one family', () => {
  const alike = { use: [3, 3], watts: [3, 3], joules: [3, 3] };

  it('are read once for all that are sampled alike', async () => {
    const { asked, found } = await read(alike, 'nvidia');
    expect(asked).toEqual(['use']);
    for (const name of names) {
      const own = [...found!.targets.get(`gpu:${name}`)!.values()];
      expect(own.map((target) => target.times.times)).toEqual([times, times]);
    }
    expect((await read(alike)).asked).toEqual(names);
  });

  it('are read for those that are not, and for those that have more devices', async () => {
    expect((await read({ ...alike, watts: [3, 2] }, 'nvidia')).asked).toEqual(['use', 'watts']);
    expect((await read({ ...alike, use: [3] }, 'nvidia')).asked).toEqual(['use', 'watts']);
    expect((await read({ ...alike, joules: [3] }, 'nvidia')).asked).toEqual(['use']);
  });
});
