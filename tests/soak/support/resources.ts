import { readFile, readdir } from 'node:fs/promises';
import type { Server, Stack } from '@bud-monitoring/stack';
import { redisCommands } from '../../support/redis-command.js';

/** What one part of the stack holds at one moment. */
export interface Usage {
  /** Resident memory, MiB. */
  rssMib: number;
  /** Open file descriptors. */
  handles: number;
}

/** One look at all parts; `at` in seconds since the start. */
export interface Sample {
  at: number;
  parts: ReadonlyMap<string, Usage>;
  redis: { keys: number; memoryMib: number };
}

/** The parts of a stack that are processes of their own, by name; containers are left out. */
export function partsOf(stack: Stack, appIds: readonly string[]): Map<string, Server> {
  const apps = appIds.flatMap((appId) => {
    const { process, sidecar } = stack.app(appId);
    return [
      ...(process ? [[appId, process] as const] : []),
      [`daprd of ${appId}`, sidecar] as const,
    ];
  });
  const servers = [stack.redis, stack.gateway, stack.prometheus].flatMap((server) =>
    server ? [[server.name, server] as const] : [],
  );
  return new Map([...apps, ...servers].filter(([, server]) => server.pid() !== null));
}

/** Throws when a part does not run any more. */
export async function takeSample(
  parts: ReadonlyMap<string, Server>,
  redis: { address: string; password: string },
  at: number,
): Promise<Sample> {
  const usages = await Promise.all(
    [...parts].map(async ([name, server]) => [name, await usageOf(name, server.pid())] as const),
  );
  const reply = await redisCommands(redis, 'INFO memory', 'INFO keyspace');
  const number = (pattern: RegExp) => Number(pattern.exec(reply)?.[1] ?? NaN);
  return {
    at,
    parts: new Map(usages),
    redis: {
      keys: number(/db0:keys=(\d+)/),
      memoryMib: number(/used_memory:(\d+)/) / 2 ** 20,
    },
  };
}

async function usageOf(name: string, pid: number | null): Promise<Usage> {
  if (pid === null) throw new Error(`${name} does not run`);
  const [status, handles] = await Promise.all([
    readFile(`/proc/${pid}/status`, 'utf8'),
    readdir(`/proc/${pid}/fd`),
  ]);
  const kib = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? NaN);
  return { rssMib: kib / 1024, handles: handles.length };
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
