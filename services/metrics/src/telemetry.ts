import type { OutrankedLabels } from '@bud-monitoring/cluster-events';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { CircuitBreakerState } from '@bud-monitoring/client';

const prefix = 'bud_metrics';

/** The service's own metrics. */
export function createTelemetry(registry: Registry) {
  const registers = [registry];
  const requests = new Counter({
    name: `${prefix}_store_requests_total`,
    help: 'Requests to the Prometheus-compatible store, by kind.',
    labelNames: ['kind'],
    registers,
  });
  const scoped = new Counter({
    name: `${prefix}_scoped_answers_total`,
    help: 'Answers of the scoped Prometheus API, by path and how they came about.',
    labelNames: ['path', 'outcome'],
    registers,
  });
  const rounds = new Counter({
    name: `${prefix}_alert_rounds_total`,
    help: 'Ticks of the evaluation of alerts, by what became of them on this replica.',
    labelNames: ['outcome'],
    registers,
  });
  const published = new Counter({
    name: `${prefix}_alert_events_total`,
    help: 'Changes of alerts that the broker has taken.',
    registers,
  });
  const sent = new Counter({
    name: `${prefix}_alertmanager_requests_total`,
    help: 'Tries to give all alerts to an Alertmanager, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  const outranked = new Counter({
    name: `${prefix}_outranked_events_total`,
    help: 'Events without effect, since one that ranks later came first; a tie is one of the same second.',
    labelNames: ['kind', 'reason'],
    registers,
  });
  const circuit = new Gauge({
    name: `${prefix}_circuit_open`,
    help: '1 while an upstream is not asked, since it failed several times in a row.',
    labelNames: ['upstream'],
    registers,
  });
  return {
    storeRequest: (kind: string) => requests.inc({ kind }),
    scopedResponse: (path: string, outcome: string) => scoped.inc({ path, outcome }),
    alertRound: (outcome: string) => rounds.inc({ outcome }),
    outranked: (labels: OutrankedLabels) => outranked.inc({ ...labels }),
    alertsSent: (outcome: 'taken' | 'failed') => sent.inc({ outcome }),
    alertPublished: () => published.inc(),
    /** Gauges of the scoped Prometheus API, read at each scrape. */
    observeScopedApi: (load: () => { running: number; waiting: number; cachedBytes: number }) => {
      const gauge = (name: keyof ReturnType<typeof load>, suffix: string, help: string) =>
        new Gauge({
          name: `${prefix}_scoped_${suffix}`,
          help: `${help} (scoped Prometheus API).`,
          registers,
          collect() {
            this.set(load()[name]);
          },
        });
      gauge('running', 'queries_running', 'Queries that are at the store');
      gauge('waiting', 'queries_waiting', 'Queries that wait for their turn');
      gauge('cachedBytes', 'cache_bytes', 'Memory that kept answers take');
    },
    policyState: (upstream: string, state: CircuitBreakerState) =>
      circuit.set({ upstream }, state === 'closed' ? 0 : 1),
  };
}

export type Telemetry = ReturnType<typeof createTelemetry>;
