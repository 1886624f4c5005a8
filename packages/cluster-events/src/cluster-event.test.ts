import { describe, expect, it } from '@jest/globals';
import { readClusterEvent } from './cluster-event.js';

const id = '3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c';
const now = Date.parse('2026-11-22T18:00:00Z');
const time = '2026-11-22T17:00:00Z';

describe('readClusterEvent', () => {
  it.each([
    ['an object', { data: { cluster_id: id, name: 'east' } }],
    ['text', { data: JSON.stringify({ cluster_id: id, name: 'east' }) }],
    [
      'base64',
      {
        data_base64: Buffer.from(JSON.stringify({ cluster_id: id, name: 'east' })).toString(
          'base64',
        ),
      },
    ],
    ['fields beside the attributes', { cluster_id: id, name: 'east' }],
    [
      'an upper-case id and other fields',
      { data: { cluster_id: id.toUpperCase(), name: ' east ', nodes: 3 } },
    ],
  ])('reads data given as %s', (_, message) => {
    expect(readClusterEvent('created', { ...message, time }, now)).toEqual({
      kind: 'event',
      event: {
        kind: 'created',
        clusterId: id,
        name: 'east',
        time: '2026-11-22T17:00:00',
      },
    });
  });

  it.each([undefined, null, '', '   '])('takes the name %j as none', (name) => {
    const reading = readClusterEvent('updated', { data: { cluster_id: id, name }, time }, now);
    expect(reading).toMatchObject({ event: { name: null } });
  });

  it('takes the time of delivery where the event has none', () => {
    const reading = readClusterEvent('created', { data: { cluster_id: id } }, now);
    expect(reading).toMatchObject({ event: { time: '2026-11-22T18:00:00.000000000Z' } });
  });

  it.each([
    ['no object', 'hello', /not a JSON object/],
    ['a list', [], /not a JSON object/],
    ['no id', { data: { name: 'east' } }, /^data\.cluster_id is missing$/],
    ['another name of it', { data: { clusterId: id } }, /cluster_id is missing: it has clusterId/],
    ['an id that is no UUID', { data: { cluster_id: 'east' } }, /data\.cluster_id: must be a UUID/],
    ['a name that is no text', { data: { cluster_id: id, name: 7 } }, /data\.name/],
    ['data that is no JSON', { data: '{', time }, /data/],
    ['a time that is none', { data: { cluster_id: id }, time: 'noon' }, /RFC 3339/],
    ['a time far ahead', { data: { cluster_id: id }, time: '2027-01-01T00:00:00Z' }, /day ahead/],
  ])('says why it cannot read %s', (_, message, reason) => {
    const reading = readClusterEvent('created', message, now);
    expect(reading).toEqual({ kind: 'malformed', reason: expect.stringMatching(reason) });
  });
});
