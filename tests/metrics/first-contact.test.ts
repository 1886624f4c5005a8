import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startStack } from '@bud-monitoring/stack';
import type { Warning } from '@bud-monitoring/contracts';
import { nodeSeries } from './support/exporter.js';
import { startService, type TestService } from './support/service.js';
import { startStore, stores } from './support/store.js';

const end = Math.floor(Date.parse('2026-03-10T12:00:00Z') / 1000);
const idOf = (digit: number) => `0c400000-0000-4000-8000-00000000000${digit}`;
const [old, young, ahead, farAhead] = [idOf(1), idOf(2), idOf(3), idOf(4)];

/** A cluster of one node from so many seconds before the end to so many after it. */
const batch = (cluster: string, from: number, to: number) => ({
  series: nodeSeries({ cluster, job: 'node', instance: '10.0.0.1:9100' }, { nodename: 'n1' }),
  start: end - from,
  end: end + to,
  interval: 30,
});

const codes = (warnings: readonly Warning[]) => warnings.map(({ code }) => code);

async function told(service: TestService) {
  const { body } = await service.get('/clusters');
  const { warnings } = body.data as { warnings: Warning[] };
  const health = await service.get('/health/stack');
  const { prometheus } = health.body.data as {
    prometheus: { status: string; details: { hints?: string[] } };
  };
  return { warnings, status: prometheus.status, hints: prometheus.details.hints ?? [] };
}

describe.each(stores)('a store at first contact: %s', (version) => {
  let store: Awaited<ReturnType<typeof startStore>>;
  beforeAll(async () => {
    const batches = [
      batch(old, 3600, 0),
      batch(young, 240, 0),
      batch(ahead, 3600, 120),
      batch(farAhead, 3600, 1800),
    ];
    store = await startStore(batches, version);
  }, 120_000);
  afterAll(() => store.stop());

  it('is told of clocks and young clusters, on both routes alike', async () => {
    await using service = await startService({ prometheus: store.url, now: end });
    const { warnings, status, hints } = await told(service);
    const future = warnings.find(({ code }) => code === 'samples_from_future')!;
    expect(future.message).toContain(`(clusters: 2: ${ahead}, ${farAhead})`);
    expect(future.message).toContain('up to 1800 s ahead');
    const minutes = warnings.find(({ code }) => code === 'cluster_young')!;
    expect(minutes.message).toContain(`(clusters: 1: ${young})`);
    expect(hints).toEqual([future.message, minutes.message]);
    expect(status).toBe('degraded');
  });

  it('has nothing to be told where all is well', async () => {
    // Of what is ahead there is half an hour more, and the others are silent then.
    await using service = await startService({ prometheus: store.url, now: end + 1800 });
    const { warnings, hints } = await told(service);
    expect(codes(warnings)).not.toContain('samples_from_future');
    expect(hints).toEqual([]);
  });
});

it('is told how long Prometheus keeps samples', async () => {
  await using stack = await startStack({ prometheus: { retention: '15d' } });
  await using service = await startService({ prometheus: stack.prometheus!.url, now: end });
  const { warnings, hints } = await told(service);
  const short = warnings.find(({ code }) => code === 'retention_short')!;
  expect(short.message).toContain('15 days');
  expect(hints).toContain(short.message);
}, 60_000);
