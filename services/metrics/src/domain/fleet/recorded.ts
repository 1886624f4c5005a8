import type { ClusterId } from '@bud-monitoring/contracts';
import type { MetricSource } from '../../ports.js';
import { createClusterOf } from '../promql/cluster-label.js';
import { queryFigures } from '../promql/queries.js';
import { fleetScope, type ScopeSettings } from '../promql/scope.js';
import { endReading } from '../targets/instant-reading.js';

/** A value of each cluster. */
type RecordedValues = ReadonlyMap<ClusterId, number>;

/** The newest values of series that the rules of the fleet record, each of clusters, in one request. */
export async function readRecorded<Name extends string>(
  source: Pick<MetricSource, 'query'>,
  names: Readonly<Record<Name, string>>,
  request: {
    readonly settings: ScopeSettings;
    /** Unix seconds. */
    readonly at: number;
    readonly signal: AbortSignal;
  },
): Promise<(name: Name) => RecordedValues> {
  const scope = fleetScope(request.settings);
  const wanted = Object.entries<string>(names).map(([figure, name]) => {
    return { figure, expr: `max by (cluster) (${endReading.latest(scope.select(name))})` };
  });
  const { figures } = await queryFigures(source, wanted, request);
  const clusterOf = createClusterOf();
  return (name) => {
    const values = new Map<ClusterId, number>();
    for (const { metric, value } of figures.get(name) ?? []) {
      const cluster = clusterOf(metric);
      // One that the store also writes in capitals has two.
      if (cluster !== null) values.set(cluster, Math.max(value, values.get(cluster) ?? 0));
    }
    return values;
  };
}
