import { spellingsOf, storedSpellings, type ClusterId } from '@bud-monitoring/contracts';
import { escapeRegex, writeMatcher } from '@bud-monitoring/promql';

/** A matcher of all series of a cluster, however agents write its id as label. */
export function clusterMatcher(...clusters: readonly ClusterId[]): string {
  const [only = '', ...others] = clusters.flatMap(spellingsOf);
  return others.length === 0
    ? writeMatcher({ label: 'cluster', op: '=', value: only })
    : writeMatcher({
        label: 'cluster',
        op: '=~',
        value: [only, ...others].map(escapeRegex).join('|'),
      });
}

/** Metrics with few series per cluster, of which most clusters have one. */
export const usualMetrics = 'up|node_uname_info|kube_node_info|machine_cpu_cores';

/** Times before now at which labels are looked for: agents may be away for a while. */
const ages = ['', ' offset 1h', ' offset 1d'];

/** A query with a row for each label that agents wrote for a cluster. */
export function labelQuery(cluster: ClusterId): string {
  const series = `{__name__=~"${usualMetrics}", ${clusterMatcher(cluster)}}`;
  return ages.map((age) => `group by (cluster) (${series}${age})`).join(' or ');
}

/** The labels of a cluster by the answer to that query; null where it tells none. */
export function labelsOf(
  cluster: ClusterId,
  rows: readonly { labels: Readonly<Record<string, string>> }[],
): readonly string[] | null {
  const labels = rows.flatMap(({ labels: { cluster: label } }) => label ?? []).sort();
  if (labels.length === 0) return null;
  return storedSpellings(labels).get(cluster) ?? [cluster];
}
