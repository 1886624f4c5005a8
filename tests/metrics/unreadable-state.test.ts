import { clusterIdSchema, topics } from '@bud-monitoring/contracts';
import { readEvent } from '@bud-monitoring/cluster-events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createClusterRegistry } from '../../services/metrics/src/adapters/cluster-registry.js';
import { createDocuments } from '../../services/metrics/src/adapters/documents.js';
import {
  createAlertDocuments,
  documentKey,
} from '../../services/metrics/src/domain/alerts/document.js';
import { evaluateDocument } from '../../services/metrics/src/domain/alerts/evaluation/documents.js';
import { applyEvent } from '../../services/metrics/src/domain/clusters/apply-event.js';
import { shardKey } from '../../services/metrics/src/domain/document-shards.js';
import { readMetricsConfig } from '../../services/metrics/src/config.js';
import type { NameOf } from '../../services/metrics/src/domain/alerts/evaluation/node-names.js';
import { createUnreadableValues } from '../../services/metrics/src/domain/unreadable.js';
import { createMemoryState, type MemoryState } from '../dashboard/support/memory-state.js';
import { startService, type TestService } from './support/service.js';
import { createTestSidecar } from './support/sidecar.js';

const bad = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const good = clusterIdSchema.parse('8a1c0d5f-1e2d-4c3b-8a79-6b5c4d3e2f10');
const now = Date.parse('2026-11-22T18:00:00Z');
const later = { v: 99, wholly: 'other' };
const { signal } = new AbortController();

const created = (id: string, name: string) => ({
  ...{ specversion: '1.0', id: name, source: 'test', time: '2026-11-22T17:00:00.5Z' },
  data: { cluster_id: id, name },
});

function registryOn(state: MemoryState) {
  const unreadable = createUnreadableValues({ log: { warn: () => undefined } });
  const registry = createClusterRegistry({ store: state, unreadable });
  return {
    registry,
    unreadable,
    handle: (id: string, name: string) => {
      const result = readEvent(topics.clusterCreated, created(id, name), now);
      if (result.kind !== 'event') throw new Error('no event');
      const { event } = result;
      return registry.update(event.clusterId, (record) => applyEvent(record, event).record);
    },
  };
}

describe('the registry of clusters', () => {
  const memory = () => createMemoryState({ clock: { now: () => now } });

  it.each([['garbage'], [null], [{ clusterId: bad }], [[]]])(
    'begins a record anew that is damaged: %j',
    async (value) => {
      const state = memory();
      state.put(`cluster:${bad}`, value);
      const { registry, handle, unreadable } = registryOn(state);
      expect(await registry.get(bad)).toBeNull();
      expect(unreadable.count).toBe(1);
      await handle(bad, 'east');
      expect(await registry.get(bad)).toMatchObject({ v: 1, name: 'east', state: 'present' });
      expect(unreadable.count).toBe(0);
    },
  );

  it('leaves a record of a later version, and takes those of others', async () => {
    const state = memory();
    state.put(`cluster:${bad}`, later);
    const { registry, handle } = registryOn(state);
    await expect(handle(bad, 'east')).rejects.toThrow(/later version/);
    await handle(good, 'west');
    expect(state.all().get(`cluster:${bad}`)).toEqual(later);
    expect(await registry.list()).toMatchObject([{ clusterId: good, name: 'west' }]);
  });

  it('lists what it can read of an index, and keeps the rest of it', async () => {
    const state = memory();
    const key = shardKey('clusters', good);
    const stored = { v: 1, more: true, clusters: { [bad]: later } };
    state.put(key, stored);
    const { registry, handle, unreadable } = registryOn(state);
    await handle(good, 'west');
    expect(await registry.list()).toMatchObject([{ clusterId: good }]);
    expect(unreadable.count).toBe(1);
    expect(state.all().get(key)).toMatchObject(stored);
  });

  it.each([
    ['begins an index anew that is damaged', 'garbage', [{ clusterId: good }]],
    ['leaves an index of a later version', later, []],
  ])('%s', async (_what, value, listed) => {
    const state = memory();
    state.put(shardKey('clusters', good), value);
    const { registry, handle } = registryOn(state);
    expect(await registry.list()).toEqual([]);
    await handle(good, 'west');
    expect(await registry.list()).toMatchObject(listed);
    expect(await registry.get(good)).toMatchObject({ name: 'west' });
  });

  it('keeps the fields that a later version added', async () => {
    const state = memory();
    const { registry, handle } = registryOn(state);
    await handle(good, 'east');
    const record = state.all().get(`cluster:${good}`) as { events: object };
    const added = { ...record, more: 1, events: { ...record.events, more: 2 } };
    state.put(`cluster:${good}`, added);
    const update = { ...created(good, 'west'), time: '2026-11-22T17:30:00Z' };
    const result = readEvent(topics.clusterUpdated, update, now);
    if (result.kind !== 'event') throw new Error('no event');
    await registry.update(good, (before) => applyEvent(before, result.event).record);
    expect(state.all().get(`cluster:${good}`)).toMatchObject({
      ...{ name: 'west', more: 1 },
      events: { more: 2 },
    });
  });
});

describe('a document of alerts', () => {
  const alert = {
    ...{ metric: 'cpu_usage', subject: 'a:9100', node: 'a:9100', hostname: 'a' },
    ...{ state: 'firing', severity: 'warning', since: 1, value: 80, threshold: 70 },
    ...{ held: { warning: 1, critical: null }, seenAt: 1, reason: null, more: 'later' },
  };
  const key = documentKey(good);
  const { alerts } = readMetricsConfig({ AUTH_MODE: 'off', PROMETHEUS_URL: 'http://127.0.0.1:9' });
  const nobody: NameOf = () => {
    throw new Error('no alert begins here');
  };
  const context = {
    figures: new Map(),
    isPartial: false,
    nameOf: nobody,
    at: 2,
    times: alerts.times,
  };

  /** Evaluates the good cluster of a stored document and saves it; what is stored then. */
  async function evaluated(value: unknown) {
    const state = createMemoryState({ clock: { now: () => now } });
    state.put(key, value);
    const unreadable = createUnreadableValues({ log: { warn: () => undefined } });
    const documents = createAlertDocuments({ documents: createDocuments(state), unreadable });
    const all = await documents.readAll(signal);
    const stored = await documents.read(key, signal);
    expect(all.get(key) ?? null).toEqual(stored);
    if (stored !== null) {
      const inputs = [good, bad].map((cluster) => ({
        ...{ cluster, deleted: false, previous: stored.document.clusters[cluster] ?? [] },
        thresholds: alerts.defaults,
      }));
      const next = evaluateDocument(stored.document, inputs, context);
      await documents.save(key, next, stored.expected, signal);
    }
    return { count: unreadable.count, after: state.all().get(key) };
  }

  it('keeps what it cannot read: alerts of a cluster, events, fields', async () => {
    const unread = { [bad]: [{ metric: 'tape_usage' }] };
    const event = { kind: 'of another version' };
    const value = { v: 1, more: 1, clusters: { ...unread, [good]: [alert] }, outbox: [event] };
    const { count, after } = await evaluated(value);
    expect(count).toBe(1);
    expect(after).toMatchObject({ more: 1, clusters: unread });
    expect((after as { outbox: unknown[] }).outbox).toContainEqual(event);
  });

  it.each([
    ['of a later version is left', later, later],
    ['that is damaged is begun anew', 'garbage', { v: 1, clusters: {}, outbox: [] }],
  ])('%s', async (_what, value, after) => {
    expect((await evaluated(value)).after).toEqual(after);
  });
});

describe('bud-metrics', () => {
  let service: TestService;
  const { dapr, state } = createTestSidecar();
  beforeEach(async () => {
    service = await startService({ prometheus: 'http://127.0.0.1:9', now: now / 1000, dapr });
  });
  afterEach(async () => {
    await service[Symbol.asyncDispose]();
  });

  it('drops the events of a record of a later version, takes all others, and says so', async () => {
    state.put(`cluster:${bad}`, later);

    const [one, other] = [
      await service.deliver('/events/cluster-created', created(bad, 'east')),
      await service.deliver('/events/cluster-created', created(good, 'west')),
    ];

    expect([one.body, other.body]).toEqual([{ status: 'DROP' }, { status: 'SUCCESS' }]);
    expect((await service.get('/health/stack')).body.data).toMatchObject({
      records: { status: 'degraded', details: { unreadable: 1 } },
    });
    expect((await service.get(`/clusters/${good}/alert-thresholds`)).status).toBe(200);
  });
});
