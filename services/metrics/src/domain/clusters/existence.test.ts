import { describe, expect, it } from '@jest/globals';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import type { ClusterRecord } from '../../ports.js';
import { decideExistence, type Evidence } from './existence.js';

const failed = { failed: new Error('away') };
const yes = { answer: true };
const no = { answer: false };
const none = { answer: null };
const said = (state: 'present' | 'deleted'): { answer: ClusterRecord } => ({
  answer: {
    clusterId: clusterIdSchema.parse('11111111-1111-4111-8111-111111111111'),
    state,
    name: null,
    time: 0,
  },
});

describe('whether a cluster exists', () => {
  it.each<[Evidence, true | false | 'unknown']>([
    [{ record: said('deleted'), listed: yes, stored: yes }, false],
    [{ record: said('present'), listed: no, stored: no }, true],
    [{ record: said('present'), listed: failed, stored: failed }, true],
    [{ record: none, listed: yes, stored: no }, true],
    [{ record: none, listed: no, stored: yes }, true],
    [{ record: failed, listed: failed, stored: yes }, true],
    [{ record: none, listed: no, stored: no }, false],
    [{ record: failed, listed: no, stored: no }, 'unknown'],
    [{ record: none, listed: failed, stored: no }, 'unknown'],
    [{ record: none, listed: no, stored: failed }, 'unknown'],
  ])('is said by %j: %s', (evidence, exists) => {
    expect(decideExistence(evidence).exists).toBe(exists);
  });
});
