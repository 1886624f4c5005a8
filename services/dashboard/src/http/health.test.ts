import type { Dapr } from '@bud-monitoring/client/dapr';
import type { GrafanaClient } from '@bud-monitoring/client/grafana';
import { describe, expect, it } from '@jest/globals';
import { createHealth } from './health.js';

const minute = 60_000;
const now = 100 * minute;

/** Everything is well but for when the binding last ticked (Unix ms). */
function health(lastTickAt: number | null) {
  return createHealth({
    dapr: { healthy: () => Promise.resolve(true) } as unknown as Dapr,
    sidecar: () => Promise.resolve({ status: 'healthy', details: {} }),
    stateStore: {
      problem: () => Promise.resolve(null),
      check: () => Promise.resolve({ status: 'healthy', details: {} }),
    },
    grafana: {
      health: () => Promise.resolve({ database: 'ok', version: '11.0.0' }),
      frontendSettings: () => Promise.resolve({ allowEmbedding: true }),
    } as unknown as GrafanaClient,
    credentialsPause: {
      check: () => Promise.resolve(),
      begin: () => Promise.resolve(),
      end: () => Promise.resolve(),
      mayTryOnce: () => false,
      pausedUntil: null,
    },
    resyncLoop: {
      start: () => undefined,
      tick: () => Promise.resolve(),
      stop: () => Promise.resolve(),
      lastTickAt,
    },
    datasource: () => Promise.resolve({ status: 'healthy', details: {} }),
    deletions: () => Promise.resolve({ status: 'healthy', details: {} }),
    statusCounts: () => null,
    clock: { now: () => now },
    tickIntervalMs: 2 * minute,
  });
}

describe('the health of the reconcile', () => {
  it.each([
    { what: 'the binding ticked just now', lastTickAt: now, status: 'healthy' },
    { what: 'a tick or two are missing', lastTickAt: now - 6 * minute, status: 'healthy' },
    { what: 'ticks stay away', lastTickAt: now - 6 * minute - 1, status: 'degraded' },
    { what: 'nothing was started', lastTickAt: null, status: 'degraded' },
  ])('is $status when $what', async ({ lastTickAt, status }) => {
    const { reconcile } = await health(lastTickAt).stack();
    expect(reconcile?.status).toBe(status);
    const { warning } = reconcile?.details as { warning?: string };
    expect(warning === undefined).toBe(status === 'healthy');
  });
});
