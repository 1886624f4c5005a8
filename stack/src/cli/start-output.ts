import type { Stack } from '../options.js';
import { aborted } from './foreground.js';

/**
 * Prints where the gateway listens and tokens for it: `ready <url>`, `token <token>` that may do all, and
 * `viewer-token <token>` that may only read; of the console its address and, where the stack's own issuer
 * signs its users in, their password. Of an app of the user's own also its sidecar, what it has to show it, and the directory in which a sidecar that is started
 * by hand finds the others.
 */
export async function printAccess(stack: Stack): Promise<void> {
  const token = await stack.identity.mintToken({ permissions: ['cluster:manage'] });
  console.log(`ready ${stack.gateway?.url ?? ''}`);
  console.log(`token ${token}`);
  const viewer = { permissions: ['cluster:view'], subject: 'viewer' } as const;
  console.log(`viewer-token ${await stack.identity.mintToken(viewer)}`);
  const { gateway, identity } = stack;
  if (gateway?.console) console.log(`console ${gateway.console.url}`);
  if (gateway?.console?.issuer === identity.issuer)
    console.log(`console-password ${identity.signIn.password}`);
  const { ownSidecar } = stack;
  if (!ownSidecar) return;
  console.log(`sidecar ${ownSidecar.url}`);
  console.log(`dapr-api-token ${ownSidecar.apiToken}`);
  console.log(`names ${stack.directory}`);
}

/** Resolves when the signal is aborted; throws the first reason that anything else ends with. */
export async function untilStopped(
  signal: AbortSignal,
  ...failures: readonly Promise<string>[]
): Promise<void> {
  const reason = await Promise.race([...failures, aborted(signal)]);
  if (reason !== undefined) throw new Error(reason);
}
