import type { ComponentHealth, StackHealth } from '@bud-monitoring/contracts';
import { UpstreamError } from '@bud-monitoring/client';

/** Checks one component; a throw means unhealthy. */
export type ComponentCheck = (signal: AbortSignal) => Promise<ComponentHealth>;

/** Runs all checks at once, each within its own deadline (ms); one that is late is unhealthy. */
export async function runComponentChecks(
  checks: Readonly<Record<string, ComponentCheck>>,
  { deadlineMs = 5000 }: { deadlineMs?: number } = {},
): Promise<StackHealth> {
  const entries = Object.entries(checks).map(
    async ([name, check]) => [name, await checkWithin(deadlineMs, check)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

async function checkWithin(deadlineMs: number, check: ComponentCheck): Promise<ComponentHealth> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ComponentHealth>((resolve) => {
    timer = setTimeout(() => {
      resolve(unhealthy(`no answer within ${deadlineMs / 1000} s`));
      controller.abort();
    }, deadlineMs);
  });
  try {
    return await Promise.race([check(controller.signal), late]);
  } catch (error) {
    // An UpstreamError's text is safe to show; any other could hold an address.
    return unhealthy(error instanceof UpstreamError ? error.message : 'the check failed');
  } finally {
    clearTimeout(timer);
  }
}

function unhealthy(reason: string): ComponentHealth {
  return { status: 'unhealthy', details: { reason } };
}
