import { describe, expect, it } from '@jest/globals';
import { readRegistryEvent } from './registry-event.js';

const id = '11111111-1111-4111-8111-111111111111';

describe('cluster events', () => {
  it.each([undefined, 'text', {}, { data: {} }, { data: { cluster_id: 'east' } }, { data: 'x' }])(
    'are of no use without a cluster id: %j',
    (body) => {
      expect(readRegistryEvent('created', body, 0)).toBeNull();
    },
  );

  it('may carry their data as text, and no time', () => {
    const body = { data: JSON.stringify({ cluster_id: id, other: 1 }) };
    expect(readRegistryEvent('created', body, 77)).toMatchObject({ clusterId: id, time: 77 });
  });
});
