import { randomUUID } from 'node:crypto';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { service, startStack } from '@bud-monitoring/stack';
import { poisonForms } from './poison-forms.js';
import { keepResults, median, Rows } from '../rows.js';

/** Good events among as many that cannot be used, against good ones alone, on real daprd and Redis. */
const clusters = Number(process.argv[2] ?? 1_000);
const rounds = 3;
const topic = 'cluster-created';
const warmUp = 50;
const patienceMs = 30 * 60_000;

const alone: number[] = [];
const mixed: number[] = [];
for (let round = 0; round < rounds; round += 1) {
  alone.push(await burst(clusters, 0));
  mixed.push(await burst(clusters, clusters));
}
const rows = new Rows();
// Of bursts right after each other: what else the machine does changes from minute to minute.
const ratios = mixed.map((ms, round) => ms / (alone[round] ?? NaN));
rows.add(
  `${clusters} clusters created among ${clusters} events of ${poisonForms.length} forms that cannot be used, until each has its link, against the same without those`,
  `${median(ratios).toFixed(2)} x (median of ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')})`,
  'at most 1.5 x',
);
await keepResults(
  'events',
  rows.document('Events that cannot be used among events that can', [
    `${cpus().length} processors; real daprd and Redis, the fake Grafana.`,
  ]),
);

/**
 * Milliseconds until all good events of a burst have led to a link, on a stack of its own: the fake
 * Grafana takes longer the more it holds.
 */
async function burst(good: number, poison: number): Promise<number> {
  await using stack = await startStack({
    grafana: true,
    apps: [service('dashboard', { LOG_LEVEL: 'error' })],
  });
  const { sidecar } = stack.app('bud-dashboard');
  const links = () => stack.grafana?.writes.publicDashboardsCreated ?? 0;
  const publish = async (body: string) => {
    const response = await fetch(`${sidecar.url}/v1.0/publish/pubsub/${topic}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'dapr-api-token': sidecar.apiToken },
      body,
    });
    if (response.status !== 204) throw new Error(`publish: ${await response.text()}`);
  };
  for (let n = 0; n < warmUp; n += 1) await publish(goodEvent(n));
  await until(() => links() === warmUp);

  const start = performance.now();
  const messages = Array.from({ length: good + poison }, (_, n) =>
    poison > 0 && n % 2 === 1
      ? (poisonForms[n % poisonForms.length] ?? (() => ''))(n)
      : goodEvent(n),
  );
  for (let sent = 0; sent < messages.length; sent += 20) {
    await Promise.all(messages.slice(sent, sent + 20).map(publish));
  }
  await until(() => links() === warmUp + good);
  const took = performance.now() - start;
  console.error(`${good} among ${poison} that cannot be used: ${seconds(took)}`);
  return took;
}

function goodEvent(n: number): string {
  return JSON.stringify({ cluster_id: randomUUID(), name: `cluster ${n}` });
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error('this took more than half an hour');
    await sleep(50);
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
