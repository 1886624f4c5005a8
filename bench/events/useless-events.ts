import { randomUUID } from 'node:crypto';
import { cpus } from 'node:os';
import { service, startStack } from '@bud-monitoring/stack';
import { poisonForms } from './poison-forms.js';
import { keepResults, median, Rows } from '../rows.js';

/** Good events among as many that cannot be used, against good ones alone, on real daprd and Redis. */
const clusters = Number(process.argv[2] ?? 1_000);
const rounds = 3;
const topic = 'cluster-created';

await using stack = await startStack({
  grafana: true,
  apps: [service('dashboard', { LOG_LEVEL: 'error' })],
});
const { sidecar } = stack.app('bud-dashboard');
const { grafana } = stack;
if (!grafana) throw new Error('the stack has no Grafana');

await burst(50, 0); // both kinds of burst start warm
const alone: number[] = [];
const mixed: number[] = [];
for (let round = 0; round < rounds; round += 1) {
  alone.push(await burst(clusters, 0));
  mixed.push(await burst(clusters, clusters));
}
const rows = new Rows();
const ratio = median(mixed) / median(alone);
rows.add(
  `${clusters} clusters created among ${clusters} events of ${poisonForms.length} forms that cannot be used, until each has its link, against the same without those`,
  `${ratio.toFixed(2)} x (median of ${rounds}: ${seconds(median(mixed))} and ${seconds(median(alone))})`,
  'at most 1.5 x',
);
await keepResults(
  'events',
  rows.document('Events that cannot be used among events that can', [
    `${cpus().length} processors; real daprd and Redis, the fake Grafana.`,
  ]),
);

/** Milliseconds until all good events of a burst have led to a link. */
async function burst(good: number, poison: number): Promise<number> {
  const held = () => grafana?.publicDashboards().length ?? 0;
  const wanted = held() + good;
  const start = performance.now();
  const messages = Array.from({ length: good + poison }, (_, n) =>
    poison > 0 && n % 2 === 1
      ? (poisonForms[n % poisonForms.length] ?? (() => ''))(n)
      : JSON.stringify({ cluster_id: randomUUID(), name: `cluster ${n}` }),
  );
  for (let sent = 0; sent < messages.length; sent += 20) {
    await Promise.all(messages.slice(sent, sent + 20).map(publish));
  }
  while (held() < wanted) {
    if (performance.now() - start > 1_800_000) throw new Error(`only ${held()} of ${wanted} links`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return performance.now() - start;
}

async function publish(body: string): Promise<void> {
  const response = await fetch(`${sidecar.url}/v1.0/publish/pubsub/${topic}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'dapr-api-token': sidecar.apiToken },
    body,
  });
  if (response.status !== 204) throw new Error(`publish: ${await response.text()}`);
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
