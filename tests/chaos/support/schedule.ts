import { sleep, type ChaosEnv } from './chaos-env.js';
import { disruptionKinds, type Disruption } from './disruptions.js';
import type { Event, Kind } from './ledger.js';
import { createRandom, type Random } from './random.js';

/** What a seed makes: events, in the order they are published, and what goes wrong meanwhile. */
export interface Schedule {
  seed: number;
  clusters: readonly string[];
  publishes: { event: Event; copies: number; waitMs: number }[];
  /** One after the other within a row, the rows side by side. */
  disruptions: Disruption[][];
}

const hostile = [
  'east "1"',
  'a/b\\c/../d',
  '${cluster} $datasource $__interval',
  '<script>alert(1)</script>',
  'n'.repeat(300),
  'Zürich 東京 🚀'.repeat(20),
  'line\nbreak\u2028and\ttab',
  '{{cluster}} %s %00 \\u0000',
  "'; DROP TABLE dashboard; --",
  'production',
];

/** `nowMs` is only where the events' times begin. */
export function makeSchedule(seed: number, nowMs: number): Schedule {
  const random = createRandom(seed);
  const clusters = Array.from({ length: random.integer(2, 4) }, () => random.uuid());
  const events = clusters.flatMap((clusterId) => eventsOf(random, clusterId, nowMs));
  return {
    seed,
    clusters,
    publishes: shuffled(random, events).map((event) => ({
      event,
      copies: random.pick([1, 1, 1, 1, 2, 3, 10]),
      waitMs: random.pick([0, 0, 0, 50, 200, 400]),
    })),
    disruptions: Array.from({ length: random.integer(1, 3) }, () =>
      Array.from({ length: random.integer(1, 2) }, () =>
        random.pick(Object.values(disruptionKinds))(random, clusters),
      ),
    ),
  };
}

/** A life of a cluster: a name at first, then renames, deletions and rebirths; some at one time. */
function eventsOf(random: Random, clusterId: string, nowMs: number): Event[] {
  const count = random.integer(1, 5);
  let at = nowMs - 60_000;
  return Array.from({ length: count }, (_, n) => {
    const kind: Kind =
      n === 0 ? 'created' : random.pick<Kind>(['created', 'updated', 'updated', 'deleted']);
    // A deletion may come at the very time of the event before; two names may not.
    if (kind !== 'deleted' || random.chance(0.7)) at += random.integer(1, 5_000);
    const name = `${random.pick(hostile)} ${n}`.slice(random.pick([0, 0, 1]));
    const named = kind === 'created' || (kind === 'updated' && random.chance(0.7));
    const time = new Date(at).toISOString();
    return { id: random.uuid(), kind, clusterId, time, ...(named && { name }) };
  });
}

function shuffled<T>(random: Random, items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, key: random.unit() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** A lease and a pause between tries pass within a minute; the rest is for a machine that is busy. */
const patienceMs = 400_000;

/** Plays a schedule to its end and mends everything; the differences that remain. */
export async function play(chaos: ChaosEnv, schedule: Schedule): Promise<string[]> {
  const publishing: Promise<void>[] = [];
  const disruptions = schedule.disruptions.map(async (row) => {
    for (const disruption of row) await disruption.happen(chaos);
  });
  for (const { event, copies, waitMs } of schedule.publishes) {
    await sleep(waitMs);
    publishing.push(chaos.publish(event, copies));
  }
  await Promise.all(disruptions);
  const restart = schedule.disruptions.flat().some((disruption) => disruption.restart === true);
  await chaos.heal({ restart });
  await Promise.all(publishing);
  return chaos.settle(patienceMs);
}

/** Deletes the clusters of a schedule that is over, so that Grafana does not grow. */
export async function deleteClusters(chaos: ChaosEnv, { clusters }: Schedule): Promise<void> {
  for (const clusterId of clusters) {
    const [id, time] = [crypto.randomUUID(), new Date().toISOString()];
    await chaos.publish({ id, kind: 'deleted', clusterId, time }, 1);
  }
}

/** The schedule in words, to be read beside a failure. */
export function describeSchedule({ seed, publishes, disruptions }: Schedule): string {
  return [
    `seed ${seed}`,
    ...disruptions.map((row) => row.map(({ what }) => what).join(', then ')),
    ...publishes.map(({ event: { kind, clusterId, name = '', time }, copies }) =>
      [time, kind, clusterId, `x${copies}`, JSON.stringify(name.slice(0, 30))].join(' '),
    ),
  ].join('\n');
}
