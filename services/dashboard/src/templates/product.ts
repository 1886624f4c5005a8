import type { TemplateSource } from './builder/dashboard.js';
import type { PanelOptions } from './builder/options.js';
import { panel } from './builder/panel.js';

/** Every selector is of the services' own scrape jobs. */
const j = 'job=~"$job"';

const statusColors = {
  ready: 'green',
  pending: 'yellow',
  failed: 'red',
  disabled: 'blue',
  deleting: 'orange',
  deleted: 'text',
  drifted: 'purple',
  unreadable: 'dark-red',
};

const graph = { width: 12, height: 7 };
const stat = { width: 4 };

/** Per second, summed by these labels. */
const rate = (metric: string, by: string, matchers = ''): string =>
  `sum by (${by}) (rate(${metric}{${j}${matchers}}[$__rate_interval]))`;

const quantile = (q: number, metric: string, by: string, matchers = ''): string =>
  `histogram_quantile(${q}, ${rate(`${metric}_bucket`, by === '' ? 'le' : `${by}, le`, matchers)})`;

/** The same; nothing that ever happened is zero. */
const orZero = (expr: string, by: string): string =>
  `${expr} or on () label_replace(vector(0), "${by.split(',')[0] ?? ''}", "none", "", "")`;

/** Of what each replica counted at its own last turn, the newest. */
const newest = (metric: string, matchers = ''): string =>
  `${metric}{${j}${matchers}} and on (job, instance) topk(1, bud_dashboard_counted_timestamp_seconds{${j}})`;

const perSecond = (
  title: string,
  metric: string,
  by: string,
  options: PanelOptions & { matchers?: string },
) => {
  const { matchers, ...rest } = options;
  const legend = by.replace(/(\w+),? ?/g, '{{$1}} ').trim();
  const targets = [{ expr: orZero(rate(metric, by, matchers), by), legend }];
  return panel(title, targets, 'timeseries', { unit: 'ops', ...graph, ...rest });
};

const requests = 'http_request_duration_seconds';
const provisioning = 'bud_dashboard_provision_seconds';

/** The sidecars of both services, which alone speak to Redis; scraped by whatever job. */
const ofSidecar = 'app_id=~"bud-metrics|bud-dashboard"';
const sidecarRate = (metric: string, by: string) =>
  `sum by (${by}) (rate(${metric}{${ofSidecar}}[$__rate_interval]))`;
const sidecarPanels = [
  panel(
    'State store',
    sidecarRate('dapr_component_state_count', 'app_id, operation, success'),
    'timeseries',
    {
      ...graph,
      by: 'app_id, operation, success',
      unit: 'ops',
      description: 'Reads and writes of the state store per second, as the sidecars count them.',
    },
  ),
  panel(
    'State store (p99)',
    `histogram_quantile(0.99, ${sidecarRate('dapr_component_state_latencies_bucket', 'app_id, operation, le')})`,
    'timeseries',
    {
      ...graph,
      by: 'app_id, operation',
      unit: 'ms',
      description: '99 of 100 calls of the state store took at most this long.',
    },
  ),
  panel(
    'Events of the broker',
    sidecarRate('dapr_component_pubsub_ingress_count', 'app_id, topic, process_status'),
    'timeseries',
    {
      ...graph,
      by: 'app_id, topic, process_status',
      unit: 'ops',
      description:
        'Events that the sidecars took from the broker per second, and what became of them.',
    },
  ),
];

/**
 * The product itself, by the metrics of both services. Given to no cluster: it stands in a folder of
 * its own, where templates are not looked for.
 */
export const product: TemplateSource = {
  name: 'product/bud-monitoring',
  title: 'Bud Monitoring',
  uid: 'bud-template-product',
  description:
    'Requests, upstreams, caches, alerts and dashboards of bud-metrics and bud-dashboard.',
  variables: [
    {
      name: 'job',
      label: 'Job',
      // Whatever a healthy process of either service has from its start on.
      query: 'label_values({__name__=~"bud_metrics_.+|bud_dashboard_.+"}, job)',
      multi: true,
    },
  ],
  panels: [
    panel('Replicas', `count(process_start_time_seconds{${j}})`, 'stat', {
      ...stat,
      description: 'Processes of either service that are scraped.',
    }),
    panel(
      'Failed requests',
      `(sum(rate(${requests}_count{${j}, status="5xx"}[$__rate_interval])) or vector(0)) / sum(rate(${requests}_count{${j}}[$__rate_interval]))`,
      'stat',
      {
        ...stat,
        unit: 'percentunit',
        description: 'Share of requests answered with a 5xx status.',
      },
    ),
    ...(['pending', 'failed'] as const).map((status) =>
      panel(
        `Clusters ${status}`,
        `sum(${newest('bud_dashboard_clusters', `, status="${status}"`)})`,
        'stat',
        {
          ...stat,
          unit: 'short',
          steps: [[1, status === 'failed' ? 'red' : 'yellow']],
          description:
            status === 'pending'
              ? 'Clusters whose dashboards are still being brought to what is wanted.'
              : 'Clusters whose dashboards need somebody to mend something: see GET /dashboards.',
        },
      ),
    ),
    panel('Clusters drifted', `sum(${newest('bud_dashboard_drifted_clusters')})`, 'stat', {
      ...stat,
      steps: [[1, 'yellow']],
      description: 'Clusters with a dashboard that somebody changed and that the policy leaves.',
    }),
    panel('Dead letters', `max(bud_dashboard_dead_letters{${j}})`, 'stat', {
      ...stat,
      steps: [[1, 'yellow']],
      description: 'Events that were not taken and are kept: see GET /dead-letters.',
    }),
    perSecond('Requests', `${requests}_count`, 'job, status', {
      unit: 'reqps',
      description: 'Answered requests per second, deliveries of the sidecar included.',
    }),
    panel(
      'Time to answer (p99)',
      [{ expr: quantile(0.99, requests, 'job, route'), legend: '{{job}} {{route}}' }],
      'timeseries',
      { ...graph, unit: 's', description: '99 of 100 answers of a route took at most this long.' },
    ),
    perSecond('Errors', `${requests}_count`, 'job, route, status', {
      unit: 'reqps',
      matchers: ', status=~"4xx|5xx"',
      description: 'Answers with an error status per second, by route.',
    }),
    perSecond('Deliveries', 'dapr_deliveries_total', 'route, status', {
      description: 'Events and cron ticks per second, by what the sidecar was told.',
    }),
    perSecond('Requests to the store', 'bud_metrics_store_requests_total', 'kind', {
      unit: 'reqps',
      description: 'Requests of bud-metrics to the Prometheus-compatible store.',
    }),
    panel(
      'Circuits open',
      [
        {
          expr: orZero(`max by (upstream) (bud_metrics_circuit_open{${j}})`, 'upstream'),
          legend: '{{upstream}}',
        },
        { expr: `max(bud_dashboard_grafana_circuit_open{${j}})`, legend: 'grafana' },
      ],
      'timeseries',
      {
        ...graph,
        unit: 'short',
        description: '1 while an upstream is not asked, since it failed several times in a row.',
      },
    ),
    perSecond('Scoped queries', 'bud_metrics_scoped_answers_total', 'outcome', {
      unit: 'reqps',
      description: 'Answers of the scoped Prometheus API, by how they came about.',
    }),
    panel(
      'Scoped queries at the store',
      [
        { expr: `sum(bud_metrics_scoped_queries_running{${j}})`, legend: 'running' },
        { expr: `sum(bud_metrics_scoped_queries_waiting{${j}})`, legend: 'waiting' },
      ],
      'timeseries',
      { ...graph, unit: 'short', description: 'Queries at the store, and those in the queue.' },
    ),
    panel(
      'Cache of scoped queries',
      [{ expr: `bud_metrics_scoped_cache_bytes{${j}}`, legend: '{{instance}}' }],
      'timeseries',
      { ...graph, unit: 'bytes', description: 'Memory that reused answers take.' },
    ),
    perSecond('Alert rounds', 'bud_metrics_alert_rounds_total', 'outcome', {
      description: 'Ticks of the evaluation per second; of all replicas one has the turn.',
    }),
    perSecond('Alert events', 'bud_metrics_alert_events_total', 'job', {
      description: 'Changes of alerts per second that the broker has taken.',
    }),
    panel(
      'Clusters',
      [{ expr: `sum by (status) (${newest('bud_dashboard_clusters')})`, legend: '{{status}}' }],
      'timeseries',
      {
        ...graph,
        unit: 'short',
        stacked: true,
        colors: statusColors,
        description: 'Clusters by where their dashboards stand.',
      },
    ),
    panel(
      'From event to dashboard',
      [0.5, 0.99].map((q) => ({ expr: quantile(q, provisioning, ''), legend: `p${q * 100}` })),
      'timeseries',
      {
        ...graph,
        unit: 's',
        description: 'Time from the event or request until all dashboards are in Grafana.',
      },
    ),
    perSecond('Changes in Grafana', 'bud_dashboard_grafana_writes_total', 'kind', {
      unit: 'wps',
      description: 'Dashboards and links that were written or removed, per second.',
    }),
    perSecond('Failed tries', 'bud_dashboard_failures_total', 'code', {
      description: 'Tries to bring Grafana to what is wanted that failed, by reason.',
    }),
    perSecond('Drift found', 'bud_dashboard_drift_total', 'job', {
      description: 'Dashboards found changed by somebody else, per second.',
    }),
    perSecond('Dead letters received', 'bud_dashboard_dead_letters_total', 'job', {
      description: 'Events per second that were not taken and are kept.',
    }),
    ...sidecarPanels,
    panel(
      'Memory',
      [{ expr: `process_resident_memory_bytes{${j}}`, legend: '{{job}} {{instance}}' }],
      'timeseries',
      { ...graph, unit: 'bytes', description: 'Resident memory of each process.' },
    ),
    panel(
      'CPU',
      [
        {
          expr: `rate(process_cpu_seconds_total{${j}}[$__rate_interval])`,
          legend: '{{job}} {{instance}}',
        },
      ],
      'timeseries',
      { ...graph, unit: 'short', description: 'Cores that each process keeps busy.' },
    ),
    panel(
      'Event loop lag (p99)',
      [{ expr: `nodejs_eventloop_lag_p99_seconds{${j}}`, legend: '{{job}} {{instance}}' }],
      'timeseries',
      { ...graph, unit: 's', description: 'How late the process comes to what is due.' },
    ),
  ],
};
