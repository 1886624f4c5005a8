import type { ApiExample } from '@bud-monitoring/contracts';
import type { Resource } from '../../domain/prometheus-api/index.js';

const cluster = '3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c';
const up = { __name__: 'up', cluster, instance: '10.20.0.11:9100', job: 'node-exporter' };
const rate = 'sum(rate(node_network_receive_bytes_total[5m]))';

/** What a store answers, and the form that asks for it where one is taken. */
const example = (data: unknown, form?: object): ApiExample => ({
  answers: { 200: { status: 'success', data } },
  ...(form !== undefined && { body: form }),
});

const rule = { name: 'NodeDown', query: 'up == 0', labels: { cluster }, health: 'ok' };

/** Examples of what is read below `/api/v1`. */
export const prometheusExamples: Readonly<Record<Resource, ApiExample>> = {
  query: example(
    { resultType: 'vector', result: [{ metric: up, value: [1773144000, '1'] }] },
    { query: 'up', time: '1773144000' },
  ),
  query_range: example(
    {
      resultType: 'matrix',
      result: [
        {
          metric: {},
          values: [
            [1773143940, '1048576'],
            [1773144000, '1050000.5'],
          ],
        },
      ],
    },
    { query: rate, start: '1773143940', end: '1773144000', step: '60' },
  ),
  query_exemplars: example(
    [
      {
        seriesLabels: { __name__: 'http_request_duration_seconds_bucket', cluster, le: '0.5' },
        exemplars: [
          { labels: { trace_id: '4bf92f3577b34da6' }, value: '0.31', timestamp: 1773143990.12 },
        ],
      },
    ],
    { query: 'http_request_duration_seconds_bucket', start: '1773140400', end: '1773144000' },
  ),
  series: example([up], { 'match[]': 'up', start: '1773140400', end: '1773144000' }),
  labels: example(['__name__', 'cluster', 'instance', 'job'], { 'match[]': 'up' }),
  values: example(['node-exporter', 'kubelet']),
  format_query: example('sum by (job) (up)', { query: 'sum(up)by(job)' }),
  parse_query: example({ type: 'numberLiteral', val: '1' }, { query: '1' }),
  metadata: example({ up: [{ type: 'gauge', help: 'Whether the target was scraped', unit: '' }] }),
  rules: example({
    groups: [
      { name: 'nodes', file: 'rules.yml', interval: 60, rules: [{ ...rule, type: 'alerting' }] },
    ],
  }),
  alerts: example({
    alerts: [
      {
        labels: { alertname: rule.name, cluster, instance: up.instance },
        annotations: {},
        state: 'firing',
        activeAt: '2026-03-10T11:54:00Z',
        value: '0e+00',
      },
    ],
  }),
  buildinfo: example({ version: '3.13.2', revision: 'unknown', goVersion: 'go1.26' }),
};
