import { createHash } from 'node:crypto';
import { systemClock } from '@bud-monitoring/client';
import type { ComponentHealth } from '@bud-monitoring/contracts';
import { Gauge, type Registry } from 'prom-client';
import type { DeliveryStatus } from './dapr-route.js';

/** Answers of RETRY to one event after which it shows in health. */
const maxRetries = 5;

/** Events remembered: more than daprd delivers at once. */
const maxEvents = 1_000;

/** Milliseconds after which an event that is not delivered again was handled by another replica. */
const forgetAfterMs = 10 * 60_000;

/** The events that were answered RETRY and not handled since, as this replica saw them. */
export interface Redeliveries {
  /** Notes the answer to a delivery of an event, known by its route and text. */
  record(route: string, text: string, status: DeliveryStatus): void;
  /** Degraded while an event keeps being answered RETRY. */
  health(): ComponentHealth;
}

/** Counts redeliveries, and exports how many events are stuck. */
export function createRedeliveries(options: {
  registry: Registry;
  clock?: { now(): number };
}): Redeliveries {
  const { registry, clock = systemClock } = options;
  const retries = new Map<string, { route: string; count: number; at: number }>();
  const stuck = () =>
    [...retries.values()].filter(
      ({ count, at }) => count > maxRetries && at > clock.now() - forgetAfterMs,
    );
  new Gauge({
    name: 'dapr_stuck_events',
    help: `Events that were answered RETRY more than ${maxRetries} times and not handled since.`,
    registers: [registry],
    collect() {
      this.set(stuck().length);
    },
  });
  return {
    record(route, text, status) {
      if (status !== 'RETRY' && retries.size === 0) return;
      const key = createHash('sha256').update(`${route} ${text}`).digest('base64');
      const count = (retries.get(key)?.count ?? 0) + 1;
      // Deleted first, so that the map is in the order of the last answer.
      retries.delete(key);
      if (status === 'RETRY') retries.set(key, { route, count, at: clock.now() });
      const [oldest] = retries.keys();
      if (retries.size > maxEvents && oldest !== undefined) retries.delete(oldest);
    },
    health() {
      const events = stuck();
      const details = { stuck_events: events.length };
      if (events.length === 0) return { status: 'healthy', details };
      const routes = [...new Set(events.map(({ route }) => route))].sort();
      const warning = `Events keep being redelivered: each was answered RETRY more than ${maxRetries} times`;
      return { status: 'degraded', details: { ...details, routes, warning } };
    },
  };
}
