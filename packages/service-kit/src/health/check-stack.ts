import type { ComponentHealth, StackHealth } from '@bud-monitoring/contracts';

/** Asks one part how it is; a throw means unhealthy. */
export type ComponentCheck = (signal: AbortSignal) => Promise<ComponentHealth>;

/** Runs all checks at once, each within its own deadline (ms); one that is late is unhealthy. */
export function checkStack(
  _checks: Readonly<Record<string, ComponentCheck>>,
  _options: { deadlineMs?: number; signal?: AbortSignal } = {},
): Promise<StackHealth> {
  throw new Error('not written yet');
}
