import type { LabelMatcher } from '@bud-monitoring/promql';
import type { PowerScope } from '@bud-monitoring/contracts';
import type { Figure } from '../promql/figure.js';
import type { Scope } from '../promql/scope.js';
import type { InstantReading } from '../targets/instant-reading.js';
import { nodeLabels } from '../targets/node-labels.js';
import type { FallbackFigure } from '../targets/probe.js';
import type { RangeAggregation } from '../targets/range-aggregation.js';
import { fallbackFigure } from './fallback.js';

const byNode = nodeLabels.join(', ');

/** One metric of the power of a node. */
export interface PowerSource {
  readonly metric: string;
  readonly scope: PowerScope;
  readonly matchers: readonly LabelMatcher[];
  /** Labels of the parts that add up to the node: sockets, modes. */
  readonly parts: readonly string[];
  /** A counter of joules, or a gauge of watts. */
  readonly kind: 'joules' | 'watts';
  /** Whether the figure is modelled or spread over time, and not counted by a meter. */
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

export const powerMetricNames: readonly string[] = [
  ...new Set([...powerSources, ...dramSources].map(({ metric }) => metric)),
];

/** Sources that have a series for each container: only worth reading where there is nothing else. */
const perContainer = powerSources.filter(({ scope }) => scope === 'containers');

/** For each metric per container beside better ones: how many nodes have nothing but it. */
export function powerFallbackFigures(scope: Scope, rangeMs: number): FallbackFigure[] {
  const selected = ({ metric, matchers }: PowerSource) => scope.select(metric, ...matchers);
  return perContainer.flatMap((source) => {
    const { metric } = source;
    const better = powerSources.filter(
      (other) => other.scope !== 'containers' && scope.has(other.metric),
    );
    if (!scope.has(metric) || better.length === 0) return [];
    return [
      fallbackFigure(metric, {
        own: selected(source),
        better: better.map(selected),
        by: byNode,
        rangeMs,
      }),
    ];
  });
}

/** Names of the figures of one source. */
export const powerFigures = (index: number) => ({
  joules: `power:${index}:joules`,
  watts: `power:${index}:watts`,
  covered: `power:${index}:covered`,
});
export const dramFigure = 'power:dram';

/** Joules, or for a gauge the mean of its watts, and the covered seconds, of each source there is. */
export function powerMean(scope: Scope, aggregation: RangeAggregation): Figure[] {
  const figures = powerSources.flatMap((source, index) => {
    if (!scope.has(source.metric)) return [];
    const { joules, watts, covered } = powerFigures(index);
    return [
      source.kind === 'joules'
        ? { figure: joules, expr: grownJoules(scope, aggregation, source) }
        : { figure: watts, expr: meanWatts(scope, aggregation, source) },
      { figure: covered, expr: coveredSeconds(scope, aggregation, source) },
    ];
  });
  return [...figures, ...dramMean(scope, aggregation)];
}

function dramMean(scope: Scope, aggregation: RangeAggregation): Figure[] {
  const known = dramSources.filter(({ metric }) => scope.has(metric));
  if (known.length === 0) return [];
  const expr = known
    .map(
      (source) =>
        `(${meanWatts(scope, aggregation, { ...source, scope: 'package', kind: 'joules' })})`,
    )
    .join(' or ');
  return [{ figure: dramFigure, expr }];
}

type PowerReading = Pick<PowerSource, 'metric' | 'matchers' | 'parts' | 'scope' | 'kind'>;

function meanWatts(scope: Scope, aggregation: RangeAggregation, source: PowerReading): string {
  if (source.kind === 'joules') {
    const covered = coveredSeconds(scope, aggregation, source);
    return `${grownJoules(scope, aggregation, source)} / (${covered} > 0)`;
  }
  const selected = scope.select(source.metric, ...source.matchers);
  const by = partsOf(source);
  const { rangeSelector } = aggregation;
  const sums = `sum by (${by}) (sum_over_time(${selected}${rangeSelector}))`;
  return `sum by (${byNode}) (${sums} / sum by (${by}) (count_over_time(${selected}${rangeSelector})))`;
}

function grownJoules(scope: Scope, aggregation: RangeAggregation, source: PowerReading): string {
  const selected = scope.select(source.metric, ...source.matchers);
  const growth = aggregation.growth(selected, source.metric);
  // Containers come and go; a duplicate of one is as long as the node's time.
  const each = source.scope === 'containers' ? `max by (${partsOf(source)}) (${growth})` : growth;
  return `sum by (${byNode}) (${each})`;
}

/**
 * Parts of a target are scraped together: the longest counts for all, and idle joules add
 * nothing to the others. Targets of a node add up, as their joules do: duplicates and restarts cancel in
 * watts, as do a target's own times under one `source` and then another.
 */
function coveredSeconds(scope: Scope, aggregation: RangeAggregation, source: PowerReading): string {
  const selected = scope.select(source.metric, ...source.matchers);
  if (source.kind === 'watts') {
    const each = aggregation.coverage(selected, source.metric);
    return `max by (${byNode}) (sum by (${partsOf(source)}) (${each}))`;
  }
  if (source.scope === 'containers')
    return aggregation.coverage(selected, source.metric, `max by (${byNode})`);
  const parts = source.parts.filter((part) => part !== 'source');
  const idle: LabelMatcher[] = parts.includes('mode')
    ? [{ label: 'mode', op: '!=', value: 'idle' }]
    : [];
  const some = scope.select(source.metric, ...source.matchers, ...idle);
  const covered = aggregation.coverage(some, source.metric);
  return `sum by (${byNode}) (max without (${parts.join(', ')}) (${covered}))`;
}

function partsOf({ parts }: Pick<PowerSource, 'parts'>): string {
  return [...nodeLabels, ...parts].join(', ');
}

/** Watts of each point, by source. */
export function powerPoints(scope: Scope, at: InstantReading | RangeAggregation): Figure[] {
  return powerSources.flatMap((source, index) => {
    if (!scope.has(source.metric)) return [];
    const { watts } = powerFigures(index);
    if (at.kind === 'range') return [{ figure: watts, expr: meanWatts(scope, at, source) }];
    const selected = scope.select(source.metric, ...source.matchers);
    const by = partsOf(source);
    const power = source.kind === 'watts' ? selected : at.rate(selected, source.metric);
    return [{ figure: watts, expr: `sum by (${byNode}) (max by (${by}) (${power}))` }];
  });
}
