import type { LabelMatcher } from '@bud-monitoring/promql';
import type { PowerScope } from '@bud-monitoring/contracts';
import type { Labels } from '../../ports.js';
import { wattBounds } from '../bounds.js';
import { groupBy } from '../group-by.js';
import type { Figure } from '../promql/figure.js';
import type { Scope } from '../promql/scope.js';
import { nodeLabels } from '../targets/node-labels.js';
import { samplesWithin } from '../targets/range-aggregation.js';
import type { FallbackFigure } from '../targets/probe.js';
import { beyond, type GaugeFigure, type TargetFigures } from '../time-base/blocks/block-figures.js';
import type { CounterFigure, OverRange } from '../time-base/counter-figure.js';
import { rangeOf } from '../time-base/growth.js';
import { grouping, type TargetGroup } from '../time-base/target-group.js';
import { fallbackFigure } from '../targets/fallback.js';

const byNode = nodeLabels.filter((label) => label.toLowerCase() !== 'hostname').join(', ');

/** One metric of the power of a node. */
export interface PowerSource {
  readonly metric: string;
  readonly scope: PowerScope;
  readonly matchers: readonly LabelMatcher[];
  /** Labels of the parts that add up to the node: sockets, modes. */
  readonly parts: readonly string[];
  /** Which of the series say the same of the same parts: of a target the first of these that it has. */
  readonly interfaces?: readonly LabelMatcher[];
  /** A counter of joules, or a gauge of watts. */
  readonly kind: 'joules' | 'watts';
  /** Whether the figure is modelled or spread over time, and not counted by a meter. */
  readonly estimated: boolean;
}

const zone = (value: string): LabelMatcher[] => [{ label: 'zone', op: '=', value }];
/** The kernel shows some packages by two interfaces of the processor, which count the same joules. */
const interfaces: readonly LabelMatcher[] = [
  { label: 'path', op: '!~', value: '.*mmio.*' },
  { label: 'path', op: '=~', value: '.*mmio.*' },
];
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
    parts: ['mode'],
  },
  {
    ...counter,
    metric: 'kepler_platform_watts',
    scope: 'platform',
    parts: [
      ...['chassis_id', 'bmc_id', 'source_id', 'source_name', 'source_type'],
      ...['power_control_id', 'power_control_name'],
    ],
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
    parts: ['package', 'mode'],
  },
  {
    ...counter,
    metric: 'kepler_node_cpu_joules_total',
    scope: 'package',
    matchers: zone('package'),
    parts: ['path'],
    interfaces,
  },
  {
    ...counter,
    metric: 'node_rapl_package_joules_total',
    scope: 'package',
    parts: ['index', 'path'],
    interfaces,
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
const dramSources: readonly PowerReading[] = [
  { metric: 'kepler_node_dram_joules_total', matchers: [], parts: ['package', 'mode'] },
  {
    metric: 'kepler_node_cpu_joules_total',
    matchers: zone('dram'),
    parts: ['path'],
    interfaces,
  },
  { metric: 'node_rapl_dram_joules_total', matchers: [], parts: ['index', 'path'], interfaces },
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

/** The power of nodes in many clusters, of containers not: whether there is any. */
export function powerOfNodes(scope: Scope): string {
  const metrics = new Set(
    powerSources.filter((source) => !perContainer.includes(source)).map(({ metric }) => metric),
  );
  return [...metrics].map((metric) => scope.select(metric)).join(' or ');
}

/** Label that tells how Kepler knows a figure: by a meter, or by a model. Of several at once one counts. */
const meter = 'source';

/** What tells power in groups of one way to know it, those of meters before those of models. */
export function byMeter<T extends { readonly metric: Labels }>(all: readonly T[]): T[][] {
  const groups = [...groupBy(all, ({ metric }) => metric[meter] ?? '')];
  const isModelled = (name: string) => Number(/model|estimat/.test(name));
  return groups
    .sort(([a], [b]) => isModelled(a) - isModelled(b) || (a < b ? -1 : 1))
    .map(([, own]) => own);
}

/** The power of one source, in watts. */
export const powerFigure = (index: number) => `power:${index}`;
/** The power of DRAM by one of its sources, in watts. */
const dramFigure = (index: number) => `dram:${index}`;
export const dramFigures: readonly string[] = dramSources.map((_, index) => dramFigure(index));

type PowerReading = Pick<PowerSource, 'metric' | 'matchers' | 'parts' | 'interfaces'>;

/** The power of every source there is, of each target: by growth of its joules, or by the gauge of its watts. */
export function powerTargets(scope: Scope): TargetFigures {
  const known = powerSources.flatMap((source, index) =>
    scope.has(source.metric) ? [{ source, index }] : [],
  );
  const dram = dramSources.flatMap((source, index) =>
    scope.has(source.metric) ? [joulesFigure(scope, dramFigure(index), source, false)] : [],
  );
  return {
    counters: [
      ...known
        .filter(({ source }) => source.kind === 'joules')
        .map(({ source, index }) =>
          joulesFigure(scope, powerFigure(index), source, source.scope === 'containers'),
        ),
      ...dram,
    ],
    gauges: known
      .filter(({ source }) => source.kind === 'watts')
      .flatMap(({ source, index }) => wattsFigures(scope, powerFigure(index), source)),
  };
}

/** Kepler up to 0.9 has two series for each part: one of them tells when both were sampled. */
const [dynamic, idle] = [
  { label: 'mode', op: '!=', value: 'idle' },
  { label: 'mode', op: '=', value: 'idle' },
] as const satisfies readonly LabelMatcher[];

/** The targets of a source: its own series tell when they were sampled. */
function targetsOf(
  id: string,
  { metric, matchers, parts }: PowerReading,
  many: boolean,
): TargetGroup {
  const group = { id, metric, matchers, labels: { without: parts }, many };
  if (!parts.includes('mode')) return group;
  const substitutes = [{ metric, matchers: [...matchers, idle] }];
  return { ...group, matchers: [...matchers, dynamic], substitutes };
}

function joulesFigure(
  scope: Scope,
  figure: string,
  source: PowerReading,
  many: boolean,
): CounterFigure {
  const { metric, matchers, interfaces: ways = [] } = source;
  const group = targetsOf(figure, source, many);
  const series =
    ways.length === 0
      ? [scope.select(metric, ...matchers)]
      : ways.map((way) => scope.select(metric, ...matchers, way));
  const sum = (of: OverRange) => (one: string) => `sum ${grouping(group)} (${of(one)})`;
  return { figure, group, expr: (of) => `(${series.map(sum(of)).join(' or ')})` };
}

/** Mean power, and whether there are samples that cannot be. */
function wattsFigures(scope: Scope, figure: string, source: PowerSource): GaugeFigure[] {
  const selected = scope.select(source.metric, ...source.matchers);
  const group = targetsOf(figure, source, false);
  const { max } = wattBounds;
  const sum = (expr: string) => `sum ${grouping(group)} (${expr})`;
  const mean = (samples: string) => sum(`avg_over_time(${samples})`);
  const all = (seconds: number) => `${selected}${rangeOf(seconds)}`;
  return [
    {
      figure,
      group,
      expr: (seconds) => mean(all(seconds)),
      sane: (seconds) => mean(samplesWithin(selected, seconds, wattBounds)),
    },
    {
      figure: beyond(figure),
      group,
      expr: (seconds) => sum(`max_over_time(${all(seconds)}) > ${max}`),
    },
  ];
}

/** Watts of each point of the sources that are gauges. */
export function wattPoints(scope: Scope): Figure[] {
  return powerSources.flatMap((source, index) => {
    if (source.kind !== 'watts' || !scope.has(source.metric)) return [];
    const each = scope.select(source.metric, ...source.matchers);
    return [{ figure: powerFigure(index), expr: `sum by (${byNode}, ${meter}) (${each})` }];
  });
}
