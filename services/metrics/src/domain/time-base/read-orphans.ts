import type { Labels, MetricSource } from '../../ports.js';
import type { Scope } from '../promql/scope.js';
import { narrowTo } from './narrow.js';
import { readSampleTimes, type SampledTarget, type SampledTargets } from './read-samples.js';
import type { TargetGroup } from './target-group.js';

/** Targets that have counters and not the reference of their group, by group and key. */
export type Orphans = ReadonlyMap<TargetGroup, ReadonlyMap<string, Labels>>;

/**
 * Reads when orphans were sampled in the seconds before `at`: by the substitutes of their group's reference, in one
 * request each. None is sent where there are no orphans.
 */
export async function readOrphans(
  source: Pick<MetricSource, 'samples'>,
  orphans: Orphans,
  request: {
    readonly scope: Scope;
    readonly seconds: number;
    /** Unix seconds. */
    readonly at: number;
    readonly signal: AbortSignal;
  },
): Promise<SampledTargets> {
  const found = new Map<string, Map<string, SampledTarget>>();
  for (const [group, targets] of orphans) {
    const own = new Map<string, SampledTarget>();
    found.set(group.id, own);
    for (const substitute of group.substitutes ?? []) {
      const left = [...targets].filter(([key]) => !own.has(key));
      const named = left.map(([, metric]) => ({ metric }));
      const scope = narrowTo(request.scope, named, 1);
      if (left.length === 0 || scope === request.scope) break;
      const groups = [{ ...group, ...substitute }];
      const read = await readSampleTimes(source, { ...request, scope, groups });
      for (const [key] of left) {
        const target = read.targets.get(group.id)?.get(key);
        if (target !== undefined) own.set(key, target);
      }
    }
  }
  return found;
}

/** The targets of both. */
export function withOrphans(targets: SampledTargets, orphans: SampledTargets): SampledTargets {
  const ids = new Set([...targets.keys(), ...orphans.keys()]);
  return new Map(
    [...ids].map((id) => [id, new Map([...(targets.get(id) ?? []), ...(orphans.get(id) ?? [])])]),
  );
}
