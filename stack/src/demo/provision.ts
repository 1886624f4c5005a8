import { setTimeout as sleep } from 'node:timers/promises';
import type { GrafanaDashboard } from '@bud-monitoring/contracts';
import { UpstreamError } from '@bud-monitoring/client';
import type { Caller } from './callers.js';
import type { DemoCluster } from './scene.js';

const POLL_MS = 300;
const TIMEOUT_MS = 60_000;

/** Asks until the cluster's dashboards are there; an event takes a moment to arrive. */
export async function untilProvisioned(
  caller: Pick<Caller, 'dashboard'>,
  { id, name }: DemoCluster,
  signal: AbortSignal,
): Promise<GrafanaDashboard> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    const dashboard = await caller.dashboard(id).catch(ignoreUnknown);
    if (dashboard?.status === 'ready') return dashboard;
    const state = dashboard === null ? 'not heard of' : dashboard.status;
    const why = dashboard?.last_error === undefined ? '' : ` (${dashboard.last_error})`;
    if (performance.now() > deadline || dashboard?.status === 'failed') {
      throw new Error(`the dashboards of ${name} are ${state}${why}`);
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** Opens a public link the way its page does, without any credential. */
export async function opens(link: string, signal: AbortSignal): Promise<void> {
  const api = link.replace('/public-dashboards/', '/api/public/dashboards/');
  const response = await fetch(api, { signal });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`a public dashboard answered ${response.status}`);
}

/** Before the event has arrived nobody knows the cluster. */
function ignoreUnknown(error: unknown): null {
  if (error instanceof UpstreamError && error.code === 'not_found') return null;
  throw error;
}
