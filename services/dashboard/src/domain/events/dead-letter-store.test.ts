import { expect, it } from '@jest/globals';
import type { Entry, Store } from '../../ports.js';
import { createDeadLetterStore } from './dead-letter-store.js';

/** A store in memory that counts what it is asked. */
function memoryStore() {
  const values = new Map<string, Entry>();
  let calls = 0;
  const store: Store = {
    get: (key) => ((calls += 1), Promise.resolve(values.get(key) ?? null)),
    getMany: (keys) => {
      calls += 1;
      return Promise.resolve(
        new Map(keys.flatMap((key) => (values.has(key) ? [[key, values.get(key)!]] : []))),
      );
    },
    save: (key, value, expected) => {
      calls += 1;
      if (expected === 'absent' && values.has(key)) return Promise.resolve(false);
      values.set(key, { value, etag: String(calls) });
      return Promise.resolve(true);
    },
    delete: (key) => ((calls += 1), values.delete(key), Promise.resolve()),
  };
  return { store, calls: () => calls };
}

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined };

it('knows for a minute what it has stored, without asking, and forgets what is removed', async () => {
  const { store, calls } = memoryStore();
  let now = Date.parse('2026-11-30T12:00:00Z');
  const deadLetters = createDeadLetterStore({
    ...{ store, clock: { now: () => now }, log: { ...log, error: () => undefined } },
    onDropped: () => undefined,
  });
  const refused = { topic: 'cluster-created', reason: 'no id', message: { source: 'a', id: '1' } };
  const add = async () => {
    const before = calls();
    const { isNew, deadLetter } = await deadLetters.add(refused);
    return { isNew, asked: calls() > before, id: deadLetter.id };
  };

  const { id } = await add();
  expect(await add()).toEqual({ isNew: false, asked: false, id });
  now += 60_000;
  expect(await add()).toEqual({ isNew: false, asked: true, id });
  expect(await deadLetters.remove([id])).toBe(1);
  expect(await add()).toEqual({ isNew: true, asked: true, id });
  expect(await deadLetters.totals()).toMatchObject({ count: 1 });
});
