import { setTimeout as sleep } from 'node:timers/promises';
import { describeEnd } from './describe.js';
import type { ProcessEnd } from './process.js';

/** A readiness probe, repeated until it succeeds; a throw counts as a failure. */
export interface ReadyOptions {
  name: string;
  probe: (signal: AbortSignal) => Promise<boolean>;
  timeoutMs: number;
  logs: () => string;
  /** An early end is reported at once. */
  end?: () => ProcessEnd | null;
}

/** Resolves when the probe says yes; throws when the process ends or the time is up. */
export async function untilReady(options: ReadyOptions): Promise<void> {
  const { name, probe, timeoutMs, logs, end } = options;
  const deadline = performance.now() + timeoutMs;
  for (let waitMs = 20; ; waitMs = Math.min(waitMs * 1.5, 250)) {
    if (await answered(probe)) return;
    const ended = end?.();
    if (ended) throw new Error(describeEnd(ended));
    if (performance.now() > deadline) {
      const lines = logs().split('\n').slice(-20).join('\n');
      throw new Error(`${name} was not ready in ${timeoutMs / 1000} s; its last lines:\n${lines}`);
    }
    await sleep(waitMs);
  }
}

/** An HTTP probe; 200 to 299 is ready unless `isReady` says otherwise. */
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
