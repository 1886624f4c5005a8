import type { Labels, MetricSource, RangeRow } from '../../ports.js';
import type { Scope } from '../promql/scope.js';
import { createPace, eachInTurns, mapInTurns, type Pace } from '../turns/pace.js';
import { createSampleTimes, type SampleTimes } from './sample-times.js';
import { targetKeyOf, type TargetGroup } from './target-group.js';

/** A target that was sampled. */
export interface SampledTarget {
  /** Labels of one of its references. */
  readonly metric: Labels;
  readonly times: SampleTimes;
}

/** The targets of each group, by its id and by their key. */
export type SampledTargets = ReadonlyMap<string, ReadonlyMap<string, SampledTarget>>;

/**
 * Reads when the targets of some groups were sampled in the seconds before `at`, in one request: bare samples
 * are exact in every store, and a target's references are few.
 */
export async function readSampleTimes(
  source: Pick<MetricSource, 'samples'>,
  request: {
    readonly scope: Scope;
    readonly groups: readonly TargetGroup[];
    readonly seconds: number;
    /** How the range is written; whole seconds unless told. */
    readonly range?: string;
    /** Unix seconds. */
    readonly at: number;
    readonly signal: AbortSignal;
  },
): Promise<{ targets: SampledTargets }> {
  const { scope, groups, seconds, range = `[${Math.ceil(seconds)}s]`, at, signal } = request;
  const names = [...new Set(groups.map(({ metric }) => metric))];
  if (names.length === 0) return { targets: new Map() };
  const [only, ...others] = groups;
  const matchers = others.length === 0 ? (only?.matchers ?? []) : [];
  const selected = scope.selectAny(names, ...matchers);
  const { series } = await source.samples(`${selected}${range}`, at, signal);
  const targets = new Map<string, Map<string, SampledTarget>>();
  const pace = createPace();
  for (const group of groups) targets.set(group.id, await targetsOf(series, group, pace));
  return { targets };
}

async function targetsOf(
  series: readonly RangeRow[],
  group: TargetGroup,
  pace: Pace,
): Promise<Map<string, SampledTarget>> {
  const keyOf = targetKeyOf(group);
  const rows = new Map<string, { metric: Labels; times: readonly number[] }>();
  const add = ({ metric, times }: RangeRow) => {
    // A store may leave out the name where only one was asked for.
    if ((metric['__name__'] ?? group.metric) !== group.metric) return;
    const own = rows.get(keyOf(metric));
    if (own === undefined) rows.set(keyOf(metric), { metric, times });
    else if (own.times !== times) own.times = [...own.times, ...times];
  };
  await eachInTurns(series, add, pace);
  const targets = await mapInTurns(
    [...rows],
    ([key, { metric, times }]) => [key, { metric, times: createSampleTimes(times) }] as const,
    pace,
  );
  return new Map(targets);
}
