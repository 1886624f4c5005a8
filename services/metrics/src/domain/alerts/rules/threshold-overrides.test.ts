import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import type { Documents } from '../../../ports.js';
import { createThresholdOverrides } from './threshold-overrides.js';

const { signal } = new AbortController();
const good = clusterIdSchema.parse('0a000000-0000-4000-8000-000000000001');
const bad = clusterIdSchema.parse('0a000000-0000-4000-8000-000000000002');
const own = { cpu_usage: { warning: 10, critical: 20 } };

/** All documents are one: what is stored of the two clusters, and by a later version. */
function start(stored: unknown) {
  let value = stored;
  const warnings: string[] = [];
  const documents: Documents = {
    get: () => Promise.resolve({ value, etag: '1' }),
    getMany: ([key = '']) => Promise.resolve(new Map([[key, { value, etag: '1' }]])),
    save: (_key, saved) => {
      value = saved;
      return Promise.resolve(true);
    },
  };
  const overrides = createThresholdOverrides({
    documents,
    log: { warn: (message) => warnings.push(message) },
  });
  return { overrides, warnings, value: () => value };
}

describe('thresholds in the state store', () => {
  const broken = {
    v: 1,
    clusters: { [good]: own, [bad]: { cpu_usage: { warning: 0, critical: 50 } } },
  };

  it('that cannot be read cost their own cluster only, and are told of', async () => {
    const { overrides, warnings } = start(broken);
    expect(await overrides.of(bad, signal)).toBeUndefined();
    expect(await overrides.of(good, signal)).toEqual(own);
    expect([...(await overrides.all(signal))]).toEqual([[good, own]]);
    expect(warnings).toHaveLength(2);
  });

  it('can be replaced and removed, whatever stands there', async () => {
    for (const [next, left] of [
      [own, { [good]: own, [bad]: own }],
      [null, { [good]: own }],
    ] as const) {
      const { overrides, value } = start(broken);
      await overrides.put(bad, next, signal);
      expect(value()).toEqual({ v: 1, clusters: left });
    }
  });

  it('of a document that is no document at all are the defaults', async () => {
    const { overrides } = start('garbage');
    expect(await overrides.of(good, signal)).toBeUndefined();
    expect(await overrides.all(signal)).toEqual(new Map());
  });
});
