import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dashboardApi, topics } from '@bud-monitoring/contracts';
import { readDashboardConfig } from '../../services/dashboard/src/config.js';
import { readMetricsConfig } from '../../services/metrics/src/config.js';
import { rowsOf } from './support/upgrade-page.js';
import { startBothServices, type BothServices } from './support/services.js';

let services: BothServices;
beforeAll(async () => {
  services = await startBothServices(Date.parse('2026-11-22T18:00:00.123Z'));
});
afterAll(async () => {
  await services[Symbol.asyncDispose]();
});

/** A message as Bud's services publish it and daprd delivers it: flat, without `id` and `data`. */
const original = (type: string, content: object) => ({
  notification_type: 'event',
  name: 'bud-internal',
  subscriber_ids: randomUUID(),
  actor: null,
  topic_keys: null,
  payload: {
    category: 'internal',
    type,
    event: 'results',
    workflow_id: randomUUID(),
    source: 'budcluster',
    content: { ...content, primary_action: null, secondary_action: null },
  },
  source: 'Dapr',
  source_topic: 'budClusterMessages',
  type: 'notification',
  topic: 'budAppMessages',
  pubsubname: 'pubsub-redis',
  specversion: '1.0',
  time: '2026-11-22T17:00:00Z',
  traceid: '00-1-2-00',
  tracestate: '',
});

const registration = (id: string) =>
  original('register_cluster', {
    title: 'Fetching cluster nodes info successful',
    message: 'Cluster nodes info fetched successfully',
    status: 'COMPLETED',
    result: { id, name: 'east', nodes: [{ name: 'fl4u42', id: randomUUID(), devices: [] }] },
  });

const deletion = (id: string) =>
  original('delete_cluster', {
    title: 'Cluster deleted successfully',
    message: `Cluster ${id} was deleted successfully`,
    status: 'COMPLETED',
    result: {},
  });

/** Delivers to both services; the answers, and what they know of the cluster then. */
async function deliver(id: string, messages: readonly object[]) {
  const answers: string[] = [];
  for (const service of services.all)
    for (const message of messages)
      answers.push(await service.deliver('/events/bud-app-messages', JSON.stringify(message)));
  return { answers, known: services.all.map((service) => service.known(id)) };
}

const both = (known: unknown, messages = 1) => ({
  answers: Array.from({ length: 2 * messages }, () => 'SUCCESS'),
  known: [known, known],
});
const minimal = { AUTH_MODE: 'off', PUBSUB_NAME: 'pubsub-redis' };

interface Check {
  actual: unknown;
  expected: unknown;
}

/** A check of each row of the table, by how the row begins. */
const checks: Record<string, () => Promise<Check> | Check> = {
  'topic `budAppMessages`, `register_cluster`/`results`': async () => {
    const id = randomUUID();
    const known = { living: true, name: 'east', time: '2026-11-22T17:00:00' };
    return { actual: await deliver(id, [registration(id)]), expected: both(known) };
  },
  '`delete_cluster`/`results`': async () => {
    const id = randomUUID();
    const gone = expect.objectContaining({ living: false });
    return { actual: await deliver(id, [registration(id), deletion(id)]), expected: both(gone, 2) };
  },
  'pub/sub component `pubsub-redis`': () => {
    const metrics = readMetricsConfig({ ...minimal, PROMETHEUS_URL: 'http://store' });
    const dashboard = readDashboardConfig({ ...minimal, GRAFANA_URL: 'g', GRAFANA_TOKEN: 't' });
    const values = readFileSync('deploy/helm/bud-monitoring/values.yaml', 'utf8');
    return {
      actual: [
        metrics.dapr.pubsubName,
        dashboard.dapr.pubsubName,
        /^dapr:\n {2}(pubsubName):/m.exec(values)?.[1],
      ],
      expected: ['pubsub-redis', 'pubsub-redis', 'pubsubName'],
    };
  },
  'dead letter topic `poisonMessages`, which nobody read': async () => {
    const id = randomUUID();
    const failed = original('register_cluster', { status: 'COMPLETED', result: { name: id } });
    const [, dashboard] = services.all;
    await dashboard.deliver('/events/bud-app-messages', JSON.stringify(failed));
    const answer = await fetch(`${dashboard.url}${dashboardApi.listDeadLetters.path}`);
    return {
      actual: [topics.deadLetter, await answer.text()],
      expected: ['cluster-events-dead-letter', expect.stringContaining(id)],
    };
  },
  'a call of `notify` for "Cluster is onboarded"': () => ({
    actual: JSON.parse(readFileSync('docs/asyncapi.json', 'utf8')) as unknown,
    expected: expect.objectContaining({
      channels: expect.objectContaining({ [topics.dashboardProvisioned]: expect.anything() }),
    }),
  }),
};

describe('the events of the original, by the page of the upgrade', () => {
  it('are all checked here', () => {
    expect(rowsOf('Events').map(([row]) => row)).toEqual(Object.keys(checks));
  });

  it.each(Object.keys(checks))('%s', async (row) => {
    const { actual, expected } = await checks[row]!();
    expect(actual).toEqual(expected);
  });
});
