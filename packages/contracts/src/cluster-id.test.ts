import { afterEach, describe, expect, it } from '@jest/globals';
import { clusterIdSchema, spellingsOf, storedSpellings, useClusterIdFormat } from './cluster-id.js';

const read = (text: unknown) => clusterIdSchema.safeParse(text).data ?? null;
const uuid = '3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c';

describe('the id of a cluster', () => {
  afterEach(() => {
    useClusterIdFormat('uuid');
  });

  it('is a UUID in lower case, and nothing else', () => {
    expect(read(uuid.toUpperCase())).toBe(uuid);
    for (const text of ['prod-east', `${uuid}0`, '', 7, null]) expect(read(text)).toBeNull();
    expect(spellingsOf(clusterIdSchema.parse(uuid))).toEqual([uuid, uuid.toUpperCase()]);
  });

  it('is also a name, as it is, where that is configured', () => {
    useClusterIdFormat('label');
    expect(read(uuid.toUpperCase())).toBe(uuid);
    for (const name of ['prod-east', 'Prod_1.eu', 'a', 'x'.repeat(63)])
      expect(read(name)).toBe(name);
    for (const text of ['', '-a', 'a.', 'a b', 'a|b', 'a/b', 'é', 'x'.repeat(64), 'a\n', 7])
      expect(read(text)).toBeNull();
    expect(spellingsOf(clusterIdSchema.parse('Prod_1.eu'))).toEqual(['Prod_1.eu']);
    expect(storedSpellings(['Prod_1.eu', uuid])).toEqual(new Map());
  });

  it('is told from the labels of a store, whoever wrote it', () => {
    const capitals = uuid.toUpperCase();
    expect(storedSpellings([uuid, 'PROD', 'x'])).toEqual(new Map());
    expect(storedSpellings(['PROD', capitals])).toEqual(new Map([[uuid, [capitals]]]));
    expect(storedSpellings([capitals, uuid])).toEqual(new Map([[uuid, [uuid, capitals]]]));
  });
});
