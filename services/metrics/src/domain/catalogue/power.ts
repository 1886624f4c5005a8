import type { LabelMatcher } from '@bud-monitoring/promql';
import type { PowerScope } from '@bud-monitoring/contracts';
import type { Figure } from '../store/figure.js';
import type { Measure } from '../store/measure.js';
import type { Scope } from '../store/scope.js';

/** Labels that may tell the node of an exporter that is not node-exporter. */
export const nodeLabels = ['instance', 'node', 'node_name', 'hostname', 'Hostname'] as const;
const byNode = nodeLabels.join(', ');

/** One metric that tells the power of a node. */
export interface PowerSource {
  readonly metric: string;
  readonly scope: PowerScope;
  readonly matchers: readonly LabelMatcher[];
  /** Labels of the parts that add up to the node: sockets, modes. */
  readonly parts: readonly string[];
  /** Joules that grow, or watts at the moment. */
  readonly kind: 'joules' | 'watts';
  /** Whether the figure is modelled or spread over time, and not a meter's own count. */
  readonly estimated: boolean;
}

const zone = (value: string): LabelMatcher[] => [{ label: 'zone', op: '=', value }];
const counter = { kind: 'joules', matchers: [], estimated: false } as const;
const containerParts = [
  'container_id',
  'container_name',
  'container_namespace',
  'pod_name',
  'pod_id',
  'mode',
];

/**
 * Where a node's power comes from, the first that exists for the node. Never two of them: zones
 * overlap. Kepler up to 0.9 names a metric per zone, from 0.10 on a label.
 */
export const powerSources: readonly PowerSource[] = [
  {
    ...counter,
    metric: 'kepler_node_platform_joules_total',
    scope: 'platform',
    parts: ['mode', 'source'],
  },
  {
    ...counter,
    metric: 'kepler_platform_watts',
    scope: 'platform',
    parts: ['chassis_id', 'source'],
    kind: 'watts',
    estimated: true,
  },
  {
    ...counter,
    metric: 'kepler_node_cpu_joules_total',
    scope: 'psys',
    matchers: zone('psys'),
    parts: ['path'],
  },
  {
    ...counter,
    metric: 'kepler_node_package_joules_total',
    scope: 'package',
    parts: ['package', 'mode', 'source'],
  },
  {
    ...counter,
    metric: 'kepler_node_cpu_joules_total',
    scope: 'package',
    matchers: zone('package'),
    parts: ['path'],
  },
  {
    ...counter,
    metric: 'node_rapl_package_joules_total',
    scope: 'package',
    parts: ['index', 'path'],
  },
  {
    ...counter,
    metric: 'kepler_container_joules_total',
    scope: 'containers',
    parts: containerParts,
    estimated: true,
  },
  {
    ...counter,
    metric: 'kepler_container_cpu_joules_total',
    scope: 'containers',
    matchers: zone('package'),
    parts: containerParts,
    estimated: true,
  },
];

/** DRAM, which the package does not hold: shown beside the total, never in it. */
const dramSources: readonly Pick<PowerSource, 'metric' | 'matchers' | 'parts'>[] = [
  { metric: 'kepler_node_dram_joules_total', matchers: [], parts: ['package', 'mode', 'source'] },
  { metric: 'kepler_node_cpu_joules_total', matchers: zone('dram'), parts: ['path'] },
  { metric: 'node_rapl_dram_joules_total', matchers: [], parts: ['index', 'path'] },
];

export const powerReads: readonly string[] = [
  ...new Set([...powerSources, ...dramSources].map(({ metric }) => metric)),
];

/** Names of the figures of one source. */
export const powerFigures = (index: number) => ({
  watts: `power:${index}:watts`,
  covered: `power:${index}:covered`,
});
export const dramFigure = 'power:dram';

/** Watts while it was seen, and for how long, of each source the cluster has. */
export function powerMean(scope: Scope, measure: Measure): Figure[] {
  const figures = powerSources.flatMap((source, index) => {
    if (!scope.has(source.metric)) return [];
    const { watts, covered } = powerFigures(index);
    return [
      { figure: watts, expr: meanWatts(scope, measure, source) },
      { figure: covered, expr: `max by (${byNode}) (${coveredParts(scope, measure, source)})` },
    ];
  });
  return [...figures, ...dramMean(scope, measure)];
}

function dramMean(scope: Scope, measure: Measure): Figure[] {
  const known = dramSources.filter(({ metric }) => scope.has(metric));
  if (known.length === 0) return [];
  const expr = known
    .map(
      (source) => `(${meanWatts(scope, measure, { ...source, scope: 'package', kind: 'joules' })})`,
    )
    .join(' or ');
  return [{ figure: dramFigure, expr }];
}

type Measured = Pick<PowerSource, 'metric' | 'matchers' | 'parts' | 'scope' | 'kind'>;

/** Each part over the time it was seen itself, then added up: duplicates and restarts cancel. */
function meanWatts(scope: Scope, measure: Measure, source: Measured): string {
  const selected = scope.select(source.metric, ...source.matchers);
  const by = [...nodeLabels, ...source.parts].join(', ');
  if (source.kind === 'watts') {
    const { range } = measure;
    const sums = `sum by (${by}) (sum_over_time(${selected}${range}))`;
    return `sum by (${byNode}) (${sums} / sum by (${by}) (count_over_time(${selected}${range})))`;
  }
  const growth = measure.growth(selected, source.metric);
  const covered = coveredParts(scope, measure, source);
  if (source.scope === 'containers') {
    // Containers come and go: their joules count over the time of the node, not over their own.
    return `sum by (${byNode}) (max by (${by}) (${growth})) / max by (${byNode}) (${covered})`;
  }
  return `sum by (${byNode}) (sum by (${by}) (${growth}) / (${covered} > 0))`;
}

function coveredParts(scope: Scope, measure: Measure, source: Measured): string {
  const by = [...nodeLabels, ...source.parts].join(', ');
  const selected = scope.select(source.metric, ...source.matchers);
  return `sum by (${by}) (${measure.coverage(selected, source.metric)})`;
}

/** Watts of each point, by source. */
export function powerPoints(
  scope: Scope,
  at: Measure | { rate(selected: string, family: string): string; kind: 'moment' },
): Figure[] {
  return powerSources.flatMap((source, index) => {
    if (!scope.has(source.metric)) return [];
    const { watts } = powerFigures(index);
    if (at.kind === 'measure') return [{ figure: watts, expr: meanWatts(scope, at, source) }];
    const selected = scope.select(source.metric, ...source.matchers);
    const by = [...nodeLabels, ...source.parts].join(', ');
    const power = source.kind === 'watts' ? selected : at.rate(selected, source.metric);
    return [{ figure: watts, expr: `sum by (${byNode}) (max by (${by}) (${power}))` }];
  });
}
