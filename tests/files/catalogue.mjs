// The tables of docs/metrics.md, from the catalogue itself.
import { metricSchemas } from '../../packages/contracts/dist/metrics.js';
import { gpuFields, gpuVendors } from '../../services/metrics/dist/domain/metrics/gpu.js';
import { inferenceEngines } from '../../services/metrics/dist/domain/metrics/inference/figures.js';
import { nodeMetrics } from '../../services/metrics/dist/domain/metrics/index.js';
import { powerSources } from '../../services/metrics/dist/domain/metrics/power.js';
import { workloadCounts } from '../../services/metrics/dist/domain/metrics/workloads.js';

const compared = ['average', 'previous_average', 'change_percent', 'time_series'];
const code = (text) => `\`${text}\``;
const list = (names) => names.map(code).join(', ');

function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function ofNodes() {
  const rows = nodeMetrics.map(({ name, kind, quantities }) => [
    code(name),
    list(Object.keys(metricSchemas[name].shape).filter((field) => !compared.includes(field))),
    list([...new Set(quantities.flatMap(({ metricNames }) => metricNames))]),
    kind === 'share' ? 'percentage points' : 'percent',
  ]);
  return table(['metric', 'fields', 'read from', 'compared in'], rows);
}

function ofPower() {
  const rows = powerSources.map(({ metric, matchers, scope, kind, estimated }, index) => [
    String(index + 1),
    code(metric + braces(matchers)),
    code(scope),
    kind === 'joules' ? 'energy, J' : 'power, W',
    estimated ? 'yes' : 'no',
  ]);
  return table(['order', 'metric', '`scope`', 'what it counts', '`estimated`'], rows);
}

function ofGpus() {
  const cell = (readings = []) =>
    readings
      .map(({ metric, factor }) => (factor === 1 ? code(metric) : `${code(metric)} × ${factor}`))
      .join(', else ');
  const rows = gpuFields.map((field) => [
    units[field],
    ...gpuVendors.map(({ fields }) => cell(fields[field])),
  ]);
  const energy = gpuVendors.map((vendor) => cell(vendor.energy && [vendor.energy]));
  const head = ['figure', ...gpuVendors.map(({ vendor }) => code(vendor))];
  return table(head, [...rows, ['energy, J', ...energy]]);
}

const units = {
  utilization: 'use, percent',
  used: 'memory used, bytes',
  free: 'memory free, bytes',
  reserved: 'memory reserved, bytes',
  total: 'memory, bytes',
  temperature: 'temperature, °C',
  watts: 'power, W',
};

const braces = (matchers) =>
  matchers.length === 0
    ? ''
    : `{${matchers.map(({ label, op, value }) => `${label}${op}"${value}"`).join(',')}}`;

function ofWorkloads() {
  const rows = workloadCounts.map(({ field, metrics, by }) => [
    code(field),
    metrics.map(code).join(', else '),
    by.join(', '),
  ]);
  return table(['field', 'read from', 'one for each'], rows);
}

const inferenceNames = {
  running: 'requests running',
  waiting: 'requests waiting',
  cache: 'use of the cache, 0 to 1',
  inputTokens: 'tokens in',
  outputTokens: 'tokens out',
  requests: 'requests answered',
  errors: 'requests in error',
  firstToken: 'time to first token, s',
  betweenTokens: 'time between tokens, s',
};

function ofInference() {
  const rows = inferenceEngines.map((engine) => {
    const { server, prefixes, models, gauges, counters, latencies } = engine;
    const fields = Object.entries({ ...gauges, ...counters, ...latencies }).map(
      ([field, readings]) => {
        const names = readings.map(({ metric, matchers = [], factor = 1 }) => {
          const name = code(metric + braces(matchers));
          return factor === 1 ? name : `${name} × ${factor}`;
        });
        return `${inferenceNames[field]}: ${names.join(', else ')}`;
      },
    );
    return [code(server), list(prefixes), list(models), fields.join('; ')];
  });
  return table(['server', 'prefixes of its metrics', 'labels of the model', 'figures'], rows);
}

/** Markdown: a table for each part of the catalogue. */
export function catalogueTables() {
  return [
    ['Of nodes, by node-exporter', ofNodes()],
    ['Power: the first of these that a node has', ofPower()],
    ['GPUs', ofGpus()],
    ['Models that are served, and what stands before them', ofInference()],
    ['Objects of the cluster, by kube-state-metrics', ofWorkloads()],
  ]
    .map(([title, text]) => `### ${title}\n\n${text}`)
    .join('\n\n');
}
