import { quoteLabelValue, selector, type LabelMatcher } from '@bud-monitoring/promql';
import type { ClusterId } from '@bud-monitoring/contracts';

/** What the configuration says about reading the store. */
export interface StoreSettings {
  /** Anchored regular expression of network devices that do not count. */
  readonly networkDeviceExclude: string;
  /** Only node-exporter series of this job. */
  readonly nodeExporterJob?: string | undefined;
}

/** Which series an expression may read: those of one cluster, narrowed by the configuration. */
export interface Scope {
  /** A selector that always carries the cluster. */
  select(name: string, ...matchers: LabelMatcher[]): string;
  /** Whether the cluster has the metric in the window. */
  has(name: string): boolean;
  readonly settings: StoreSettings;
}

/** The scope of one cluster; `names` are the metrics it was found to have. */
export function createScope(
  cluster: ClusterId,
  settings: StoreSettings,
  names: ReadonlySet<string>,
): Scope {
  const own: LabelMatcher = { label: 'cluster', op: '=', value: cluster };
  return scopeWith(own, settings, (name) => names.has(name));
}

/** The scope of many clusters: of those named, else of all. Nobody knows what each of them has. */
export function fleetScope(settings: StoreSettings, clusters?: readonly ClusterId[]): Scope {
  const op = clusters === undefined ? '!=' : clusters.length === 1 ? '=' : '=~';
  const own: LabelMatcher = { label: 'cluster', op, value: clusters?.join('|') ?? '' };
  return scopeWith(own, settings, () => true);
}

function scopeWith(
  cluster: LabelMatcher,
  settings: StoreSettings,
  has: (name: string) => boolean,
): Scope {
  const { nodeExporterJob: job } = settings;
  return {
    select(name, ...matchers) {
      const own = [cluster];
      if (job !== undefined && name.startsWith('node_'))
        own.push({ label: 'job', op: '=', value: job });
      return selector(name, [...own, ...matchers]);
    },
    has,
    settings,
  };
}

/** The selector of all series of a cluster, or of those with one of the names. */
export function seriesOfCluster(cluster: ClusterId, names?: readonly string[]): string {
  const named = names === undefined ? '' : `,__name__=~${quoteLabelValue(names.join('|'))}`;
  return `{cluster=${quoteLabelValue(cluster)}${named}}`;
}
