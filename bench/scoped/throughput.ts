import { startClient, type Load, type Measured, type Target } from './client.js';
import { cpuSeconds, procOf } from '../process-cost.js';
import { median, type Rows } from '../rows.js';
import { cluster, type ScopedStand } from './setup.js';

const connections = 16;
const warmUpMs = 4000;
const roundMs = 1500;
const rounds = 15;

type Side = 'prom-label-proxy' | 'out of the box' | 'bare' | 'the store itself';

/** `spent`: processor time of the one that was asked, ms. */
interface Busy extends Measured {
  readonly spent: number;
}

/** A small query that no cache can answer: each asks for another millisecond. */
export async function compareThroughput(rows: Rows, stand: ScopedStand): Promise<void> {
  const timed = (query: string) => ({ form: `query=${encodeURIComponent(query)}&time={n}e-3` });
  const own = timed('bench_load{instance="10.0.0.1:9100"}');
  const whole = timed(`bench_load{cluster="${cluster}",instance="10.0.0.1:9100"}`);
  const path = '/api/v1/query';
  const scoped = `/clusters/${cluster}/prometheus${path}`;
  const targets: Record<Side, Target> = {
    'prom-label-proxy': { url: stand.labelProxy, path, ...own },
    'out of the box': { url: stand.service, path: scoped, token: stand.token, ...own },
    bare: { url: stand.bare, path: scoped, ...own },
    'the store itself': { url: stand.store, path, ...whole },
  };
  const client = startClient();
  let from = Date.now() - 6 * 3_600_000;
  const measure = async (side: Side, load: Pick<Load, 'connections' | 'ms'>) => {
    const measured = await client.run({ target: targets[side], from, ...load });
    from += measured.count + 1000;
    return measured;
  };
  const sides = Object.keys(targets) as Side[];
  for (const side of sides) await measure(side, { connections, ms: warmUpMs });

  const found = new Map<Side, { busy: Busy[]; alone: Measured[] }>();
  for (const side of sides) found.set(side, { busy: [], alone: [] });
  for (let round = 0; round < rounds; round += 1) {
    for (const side of sides) {
      const proc = await procOf(targets[side].url);
      const before = await cpuSeconds(proc);
      const busy = await measure(side, { connections, ms: roundMs });
      const spent = 1000 * ((await cpuSeconds(proc)) - before);
      found.get(side)?.busy.push({ ...busy, spent });
      found.get(side)?.alone.push(await measure(side, { connections: 1, ms: roundMs / 3 }));
    }
  }
  client.stop();

  const busy = (side: Side) => found.get(side)?.busy ?? [];
  const rate = (side: Side) => median(busy(side).map((one) => one.perSecond));
  const p50 = (side: Side) => median((found.get(side)?.alone ?? []).map((one) => one.p50));
  // Round by round: what else the machine does weighs on both sides of one.
  const against = (side: Side) =>
    median(
      busy(side).map(
        ({ perSecond }, n) => perSecond / (busy('prom-label-proxy')[n]?.perSecond ?? NaN),
      ),
    ).toFixed(2);
  rows.add(
    `a small query, not kept, ${connections} connections, median of ${rounds} rounds in turns`,
    sides.map((side) => `${side} ${rate(side).toFixed(0)}/s`).join(', '),
    'see the next two',
  );
  rows.add(
    'throughput against prom-label-proxy, median of the rounds: without authentication, log level error, as it has none',
    against('bare'),
    'at least 1.6',
  );
  rows.add(
    'the same: JWT verified, audit and request logged, out of the box',
    against('out of the box'),
    'at least 1.5',
  );
  const cost = (side: Side) => {
    const total = (of: 'spent' | 'count') => busy(side).reduce((sum, one) => sum + one[of], 0);
    return `${side} ${(total('spent') / total('count')).toFixed(2)} ms`;
  };
  rows.add(
    'processor time of one such request',
    sides.map(cost).join(', '),
    'told beside the throughput',
  );
  const added = (side: Side) => `${side} ${(p50(side) - p50('the store itself')).toFixed(2)} ms`;
  rows.add(
    'p50 latency added to the store, one connection',
    (['out of the box', 'bare', 'prom-label-proxy'] as const).map(added).join(', '),
    'at most 0.6 ms',
  );
}
