import { setTimeout as sleep } from 'node:timers/promises';
import { describeEnd } from './describe.js';
import type { ManagedProcess } from './supervisor.js';

/** Asks until the answer is yes; a throw counts as no. */
export interface ReadyOptions {
  name: string;
  probe: (signal: AbortSignal) => Promise<boolean>;
  /** 30 s unless told. */
  timeoutMs?: number;
  /** Its early end is reported at once, with its last lines. */
  process?: ManagedProcess;
  signal?: AbortSignal | undefined;
}

/** Resolves when the probe says yes; throws when the process ends, the time is up or `signal` says so. */
export async function untilReady(options: ReadyOptions): Promise<void> {
  const { name, probe, timeoutMs = 30_000, process: child } = options;
  const deadline = performance.now() + timeoutMs;
  for (let waitMs = 20; ; waitMs = Math.min(waitMs * 1.5, 250)) {
    options.signal?.throwIfAborted();
    if (await answered(probe)) return;
    const end = child?.end();
    if (end) throw new Error(describeEnd(end));
    if (performance.now() > deadline) {
      const lines = child?.logs().split('\n').slice(-20).join('\n') ?? '';
      throw new Error(
        `${name} was not ready after ${timeoutMs / 1000} s; its last lines:\n${lines}`,
      );
    }
    await sleep(waitMs);
  }
}

/** A probe that is content with any of these statuses (200 to 299 unless told). */
export function httpAnswers(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  isReady = (status: number) => status >= 200 && status < 300,
): (signal: AbortSignal) => Promise<boolean> {
  return async (signal) => {
    const response = await fetch(url, { headers, signal, redirect: 'manual' });
    await response.body?.cancel();
    return isReady(response.status);
  };
}

async function answered(probe: ReadyOptions['probe']): Promise<boolean> {
  try {
    return await probe(AbortSignal.timeout(2000));
  } catch {
    return false;
  }
}
