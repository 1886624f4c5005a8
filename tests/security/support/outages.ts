import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from '@bud-monitoring/stack';
import {
  startFakeBudCluster,
  type FakeBudClusterOptions,
} from '../../../stack/src/fakes/fake-bud-cluster/server.js';
import type { Seen } from './callers.js';

/** Something that may be away for a while. */
interface Part {
  readonly name: string;
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** How long one was away, and from when to when errors may come of it; times by `performance.now()`. */
export interface Outage {
  readonly part: string;
  readonly from: number;
  readonly backAt: number;
}

/** How long a part is away before it is started again. */
const awayMs = 3000;
/** How long errors may last after it is back: circuit breakers open for ten seconds. */
const recoveryMs = 15_000;

/** The fake bud-cluster as a part; it starts with `begin`. */
export function createBudCluster() {
  let options: FakeBudClusterOptions = { fleet: [] };
  let running: Awaited<ReturnType<typeof startFakeBudCluster>> | undefined;
  const start = async () => void (running = await startFakeBudCluster(options));
  const close = async () => running?.close();
  return {
    part: { name: 'bud-cluster', start, kill: close } satisfies Part,
    begin: async (given: FakeBudClusterOptions) => {
      options = given;
      await start();
      return { close };
    },
  };
}

/** Every kind of part of a stack with two replicas of bud-metrics, one of each. */
export function partsOf(stack: Stack, budCluster: Part, sidecarOf: string): Part[] {
  const servers = {
    'the store': stack.prometheus!,
    Redis: stack.redis!,
    [`daprd of ${sidecarOf}`]: stack.app(sidecarOf).sidecar,
    'a replica of bud-metrics': stack.app('bud-metrics', 1).process!,
  };
  const killed = Object.entries(servers).map(([name, server]) => ({
    name,
    kill: () => server.stop('SIGKILL'),
    start: () => server.start(),
  }));
  return [budCluster, ...killed];
}

/** Kills a part, and starts it again after a while. */
export async function makeOutage(part: Part): Promise<Outage> {
  const from = performance.now();
  await part.kill();
  await sleep(awayMs);
  await part.start();
  return { part: part.name, from, backAt: performance.now() };
}

/** Whether an answer was under way during an outage, or soon after. */
export const isDuring = ({ from, backAt }: Outage, seen: Seen) =>
  seen.until >= from && seen.from <= backAt + recoveryMs;

/** What an outage cost, as a row of a table. */
export function rowOf(outage: Outage, errors: readonly Seen[]): string {
  const during = errors.filter((seen) => isDuring(outage, seen));
  const counts = new Map<number, number>();
  for (const { status } of during) counts.set(status, (counts.get(status) ?? 0) + 1);
  const counted = [...counts].map(([status, count]) => `${count} × ${status}`).join(', ');
  const seconds = (ms: number) => (Math.max(0, ms) / 1000).toFixed(1);
  const last = Math.max(0, ...during.map(({ until }) => until - outage.backAt));
  return `| ${outage.part} | ${seconds(outage.backAt - outage.from)} s | ${counted || 'none'} | ${seconds(last)} s |`;
}
