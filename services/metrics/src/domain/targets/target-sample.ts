import { matchAnyOf } from '../promql/matchers.js';
import type { Scope } from '../promql/scope.js';

/** Most instances of one exporter, and of all, in the sample. */
const perPort = 6;
const inAll = 24;

/**
 * Instances that stand for all of a cluster when scrape intervals are read: some of every port, as an
 * exporter has the same one everywhere. All of them where there are few.
 */
export function sampleInstances(instances: readonly string[]): readonly string[] {
  if (instances.length <= inAll) return instances;
  const ports = new Map<string, string[]>();
  for (const instance of [...instances].sort()) {
    const port = /:(\d+)$/.exec(instance)?.[1] ?? '';
    const group = ports.get(port);
    if (group === undefined) ports.set(port, [instance]);
    else group.push(instance);
  }
  return spread(
    [...ports.values()].flatMap((group) => spread(group, perPort)),
    inAll,
  );
}

/** The scope, narrowed to these instances. */
export function narrowToInstances(scope: Scope, instances: readonly string[]): Scope {
  const matcher = matchAnyOf('instance', instances);
  return {
    ...scope,
    select: (name, ...others) => scope.select(name, matcher, ...others),
    selectAny: (names, ...others) => scope.selectAny(names, matcher, ...others),
  };
}

/** At most `most` of a list, evenly over it. */
function spread(list: readonly string[], most: number): readonly string[] {
  if (list.length <= most) return list;
  const step = (list.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, index) => list[Math.round(index * step)] ?? '');
}
