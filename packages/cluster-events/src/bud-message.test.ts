import { describe, expect, it } from '@jest/globals';
import { readBudMessage } from './bud-message.js';

const id = '3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c';
const now = Date.parse('2026-11-22T18:00:00Z');
const time = '2026-11-22T17:00:00Z';

const message = (type: string, content: unknown, event = 'results') => ({
  notification_type: 'event',
  name: 'bud-internal',
  payload: { category: 'internal', type, event, workflow_id: 'w', source: 'budcluster', content },
  source: 'Dapr',
  type: 'notification',
  topic: 'budAppMessages',
  specversion: '1.0',
  time,
});
const registered = message('register_cluster', {
  status: 'COMPLETED',
  result: { id, name: 'east', nodes: [] },
});

describe('readBudMessage', () => {
  it.each([
    ['flat', registered],
    ['wrapped', { id: '1', time, specversion: '1.0', data: registered }],
    ['wrapped as text', { id: '1', time, data: JSON.stringify(registered) }],
  ])('reads the result of a registration, %s', (_, body) => {
    expect(readBudMessage(body, now)).toEqual({
      kind: 'event',
      event: {
        kind: 'created',
        clusterId: id,
        name: 'east',
        time: '2026-11-22T17:00:00',
      },
    });
  });

  it.each([
    ['the result', { status: 'COMPLETED', result: { cluster_id: id } }],
    ['the message', { status: 'COMPLETED', message: `Cluster ${id} was deleted successfully` }],
    [
      'the message, without a status',
      { message: `Cluster ${id} was deleted successfully`, result: {} },
    ],
  ])('reads a deletion whose id stands in %s', (_, content) => {
    expect(readBudMessage(message('delete_cluster', content), now)).toMatchObject({
      kind: 'event',
      event: { kind: 'deleted', clusterId: id, name: null },
    });
  });

  it.each([
    ['another kind', message('deploy_model', { status: 'COMPLETED', result: { id } })],
    [
      'another step',
      message('register_cluster', { status: 'COMPLETED' }, 'verify_cluster_connection'),
    ],
    ['an estimate', message('register_cluster', { status: 'RUNNING', message: '50' }, 'eta')],
    ['a failed registration', message('register_cluster', { status: 'FAILED', result: { id } })],
    [
      'a failed deletion',
      message('delete_cluster', { status: 'FAILED', result: { cluster_id: id } }),
    ],
    ['no payload', { hello: 1 }],
    ['no object', 'hello'],
  ])('ignores %s', (_, body) => {
    expect(readBudMessage(body, now)).toEqual({ kind: 'ignored' });
  });

  it.each([
    ['a registration', message('register_cluster', { status: 'COMPLETED', result: {} })],
    [
      'a deletion',
      message('delete_cluster', { status: 'COMPLETED', message: 'Cluster east was deleted' }),
    ],
  ])('refuses %s that names no cluster', (_, body) => {
    expect(readBudMessage(body, now)).toMatchObject({
      kind: 'malformed',
      reason: expect.stringMatching(/cluster.id/),
    });
  });
});
