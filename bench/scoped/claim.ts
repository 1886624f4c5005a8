import { median, type Rows } from '../rows.js';
import { claimed, type ScopedStand } from './setup.js';
import { startClient, type Target } from './client.js';

const rounds = 9;
const roundMs = 2000;

/**
 * A query over all clusters of a claim, which no cache can answer, against the store asked with the same selector
 * written by hand; one connection each, in turns.
 */
export async function compareClaim(rows: Rows, stand: ScopedStand): Promise<void> {
  const timed = (query: string) => ({ form: `query=${encodeURIComponent(query)}&time={n}e-3` });
  const selector = `bench_member{cluster=~"${claimed.join('|')}"}`;
  const targets: Record<'ours' | 'store', Target> = {
    ours: {
      url: stand.service,
      path: '/prometheus/api/v1/query',
      token: stand.fleetToken,
      ...timed('sum by (cluster) (bench_member)'),
    },
    store: { url: stand.store, path: '/api/v1/query', ...timed(`sum by (cluster) (${selector})`) },
  };
  const client = startClient();
  let from = Date.now() - 6 * 3_600_000;
  const p50 = async (side: 'ours' | 'store') => {
    const load = { target: targets[side], connections: 1, ms: roundMs, from };
    const measured = await client.run(load);
    from += measured.count + 1000;
    return measured.p50;
  };
  await p50('ours');
  await p50('store');
  const found: { ours: number; store: number }[] = [];
  for (let round = 0; round < rounds; round += 1)
    found.push({ ours: await p50('ours'), store: await p50('store') });
  client.stop();
  // Round by round: what else the machine does weighs on both sides of one.
  const ratio = median(found.map(({ ours, store }) => ours / store));
  const [ours, store] = [found.map((one) => one.ours), found.map((one) => one.store)];
  rows.add(
    `a query over a claim of ${claimed.length} clusters, a series each, not kept, one connection, median of ${rounds} rounds`,
    `${ratio.toFixed(2)} × the store's own time for the same selector (p50 ${median(ours).toFixed(1)} ms against ${median(store).toFixed(1)} ms)`,
    'at most 1.3 ×',
  );
}
