import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { topics } from '@bud-monitoring/contracts';
import { remoteWrite } from '../../../stack/src/fleet/index.js';
import type { System } from './system.js';

const METRIC = 'bud_compose_test';
/** Whenever it was written: one of the clusters sends nothing more. */
const NEWEST = encodeURIComponent(`last_over_time(${METRIC}[1d])`);

/** One caller of the system, who knows what each answer must be. */
export interface Caller {
  /**
   * Announces a new cluster and writes a sample of it, and waits until all of it can be seen from outside.
   * The seconds that it took; throws with the step that does not work in time.
   */
  wholeWay: (deadlineMs: number) => Promise<number>;
  /**
   * What an answer about one cluster is: right, for now not to be had, wrong (with its text), or cut: daprd
   * ends an answer whose source dies in the middle of it as if it were whole.
   */
  ask: (clusterId: string) => Promise<'right' | 'away' | 'cut' | { wrong: string }>;
  announce: (clusterId: string) => Promise<void>;
  write: (clusterId: string, value: number) => Promise<void>;
  dashboard: (clusterId: string) => Promise<{ status: number; url: string | null; state?: string }>;
  query: (clusterId: string, query: string) => Promise<string | null>;
}

export async function createCaller(system: System): Promise<Caller> {
  const { gateway, identity, writeToken } = system;
  const token = await identity.mintToken({ permissions: ['cluster:manage'] });
  const links = new Map<string, string>();

  const get = async (path: string) => {
    const response = await fetch(`${gateway}/api/clusters/${path}`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(10_000),
    });
    return { status: response.status, text: await response.text() };
  };
  const dashboard: Caller['dashboard'] = async (id) => {
    const { status, text } = await get(`${id}/grafana-dashboard`);
    if (status >= 300) return { status, url: null };
    const { data } = JSON.parse(text) as { data: { url: string | null; status: string } };
    return { status, url: data.url, state: data.status };
  };
  const query: Caller['query'] = async (id, expression) => {
    const path = `${id}/prometheus/api/v1/query?query=${encodeURIComponent(expression)}`;
    const { status, text } = await get(path);
    if (status !== 200) return null;
    const { data } = JSON.parse(text) as { data: { result: { value: [number, string] }[] } };
    return data.result[0]?.value[1] ?? null;
  };
  const announce: Caller['announce'] = (id) =>
    system.publish(topics.clusterCreated, {
      ...{ specversion: '1.0', type: topics.clusterCreated, source: 'compose-test' },
      ...{ id: randomUUID(), time: new Date().toISOString() },
      data: { cluster_id: id, name: id.slice(0, 6) },
    });
  const write: Caller['write'] = (id, value) =>
    remoteWrite(
      gateway,
      [
        {
          labels: { __name__: METRIC, cluster: id },
          samples: [{ time: Date.now(), value }],
        },
      ],
      { authorization: `Bearer ${writeToken}` },
    );
  const opens = async (link: string) => {
    const access = link.split('/').at(-1) ?? '';
    const answer = await fetch(`${system.grafana}/api/public/dashboards/${access}`, {
      signal: AbortSignal.timeout(5000),
    });
    return answer.ok;
  };

  return {
    dashboard,
    query,
    announce,
    write,
    async ask(id) {
      const { status, text } = await get(`${id}/prometheus/api/v1/query?query=${NEWEST}`).catch(
        () => ({ status: 503, text: '' }),
      );
      if (status >= 500) return 'away';
      if (status === 200 && !isJson(text)) return 'cut';
      const isRight = status === 200 && text.includes(`"cluster":"${id}"`);
      if (!isRight) return { wrong: `${status} ${text}` };
      const link = await dashboard(id).catch(() => ({ status: 503, url: null, state: '' }));
      if (link.status >= 500) return 'away';
      const known = links.get(id) ?? link.url ?? '';
      links.set(id, known);
      return link.status === 200 && link.url === known
        ? 'right'
        : { wrong: `${link.status} ${String(link.url)}, and before ${known}` };
    },
    async wholeWay(deadlineMs) {
      const id = randomUUID();
      const start = performance.now();
      const end = start + deadlineMs;
      const steps: [name: string, step: () => Promise<boolean>][] = [
        ['publish', () => announce(id).then(() => true)],
        ['remote write', () => write(id, 42).then(() => true)],
        ['query', async () => (await query(id, METRIC)) === '42'],
        ['dashboards', async () => (await dashboard(id)).state === 'ready'],
        ['public link', async () => opens((await dashboard(id)).url ?? '')],
      ];
      for (const [name, step] of steps) {
        let last: unknown = 'no';
        while (!(await step().catch((error: unknown) => ((last = error), false)))) {
          if (performance.now() > end) throw new Error(`${name} does not work: ${String(last)}`);
          await sleep(250);
        }
      }
      return Math.round(performance.now() - start) / 1000;
    },
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Samples, events and questions all the while; what was accepted is kept, and what was wrong. */
export function startLoad(caller: Caller, clusters: readonly string[]) {
  const accepted = { samples: 0, events: [] as string[] };
  const answers = { right: 0, away: 0, cut: 0, wrong: [] as string[] };
  const stop = new AbortController();

  const every = async (milliseconds: number, work: () => Promise<void>) => {
    while (!stop.signal.aborted) {
      await work();
      await sleep(milliseconds, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const [sampled = ''] = clusters;
  const loops = [
    every(500, async () => {
      const isIn = await caller.write(sampled, 1).then(
        () => true,
        () => false,
      );
      if (isIn) accepted.samples += 1;
    }),
    every(10_000, async () => {
      const id = randomUUID();
      const isIn = await caller.announce(id).then(
        () => true,
        () => false,
      );
      if (isIn) accepted.events.push(id);
    }),
    ...clusters.map((id) =>
      every(500, async () => {
        const answer = await caller.ask(id);
        if (typeof answer === 'string') answers[answer] += 1;
        else answers.wrong.push(answer.wrong);
      }),
    ),
  ];
  return {
    accepted,
    answers,
    async end() {
      stop.abort();
      await Promise.all(loops);
    },
  };
}
