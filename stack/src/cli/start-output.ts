import type { Stack } from '../options.js';
import { aborted } from './foreground.js';

/** Prints where the gateway listens and a token for it: `ready <url>`, `token <token>`. */
export async function printAccess(stack: Stack): Promise<void> {
  const token = await stack.identity.mintToken({ permissions: ['cluster:manage'] });
  console.log(`ready ${stack.gateway?.url ?? ''}`);
  console.log(`token ${token}`);
}

/** Resolves when the signal is aborted; throws the first reason that anything else ends with. */
export async function untilStopped(
  signal: AbortSignal,
  ...failures: readonly Promise<string>[]
): Promise<void> {
  const reason = await Promise.race([...failures, aborted(signal)]);
  if (reason !== undefined) throw new Error(reason);
}
