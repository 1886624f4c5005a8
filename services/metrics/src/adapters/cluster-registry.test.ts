import { describe, expect, it } from '@jest/globals';
import { UpstreamError } from '@bud-monitoring/client';
import type { SaveOptions, StateStore } from '@bud-monitoring/client/dapr';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import { createUnreadableValues } from '../domain/unreadable.js';
import type { ClusterRecord } from '../ports.js';
import { createClusterRegistry } from './cluster-registry.js';

const unreadable = createUnreadableValues({ log: { warn: () => undefined } });
const id = clusterIdSchema.parse('11111111-1111-4111-8111-111111111111');
const record = (time: number): ClusterRecord => ({
  clusterId: id,
  state: 'present',
  name: null,
  time,
});

/** A state store in which another writer of the record is first a number of times. */
function contended(times: number) {
  let left = times;
  const entries = new Map<string, { value: unknown; version: number }>();
  const saved: SaveOptions[] = [];
  const state = {
    get: (key: string) => {
      const entry = entries.get(key);
      return Promise.resolve(entry ? { value: entry.value, etag: String(entry.version) } : null);
    },
    save: (key: string, value: unknown, options: SaveOptions = {}) => {
      const version = (entries.get(key)?.version ?? 0) + 1;
      if (key === `cluster:${id}`) {
        saved.push(options);
        if (left > 0) {
          left -= 1;
          entries.set(key, { value: record(times - left), version });
          return Promise.reject(new UpstreamError({ upstream: 'dapr', code: 'conflict' }));
        }
      }
      entries.set(key, { value, version });
      return Promise.resolve();
    },
  } as unknown as StateStore;
  return { registry: createClusterRegistry({ store: state, unreadable }), saved };
}

describe('the registry of clusters', () => {
  it('writes only over what it has read', async () => {
    const { registry, saved } = contended(2);
    const seen: (number | null)[] = [];
    await registry.update(id, (current) => {
      seen.push(current?.time ?? null);
      return record(9);
    });
    expect(seen).toEqual([null, 1, 2]);
    expect(saved).toEqual([{ ifAbsent: true }, { etag: '1' }, { etag: '2' }]);
    expect(await registry.get(id)).toEqual(record(9));
  });

  it('gives the event back when it loses every time', async () => {
    const { registry } = contended(99);
    await expect(registry.update(id, () => record(9))).rejects.toMatchObject({ code: 'conflict' });
  });

  it('writes nothing where nothing changes', async () => {
    const { registry, saved } = contended(0);
    await registry.update(id, () => null);
    expect(saved).toEqual([]);
  });
});
