import { spellingsOf, type ClusterId } from '@bud-monitoring/contracts';
import { quoteLabelValue, selector, writeMatcher, type LabelMatcher } from '@bud-monitoring/promql';
import { matchAnyOf } from './matchers.js';

/** What the configuration says about the series that are read. */
export interface ScopeSettings {
  /** Anchored regular expression of network devices that do not count. */
  readonly networkDeviceExclude: string;
  /** Only node-exporter series of this job. */
  readonly nodeExporterJob?: string | undefined;
}

/** Which series an expression may read: those of one cluster, narrowed by the configuration. */
export interface Scope {
  /** A selector that always carries the cluster. */
  select(name: string, ...matchers: LabelMatcher[]): string;
  /** The same for any of several metrics. */
  selectAny(names: readonly string[], ...matchers: LabelMatcher[]): string;
  /** Whether the cluster has the metric in the window. */
  has(name: string): boolean;
  readonly settings: ScopeSettings;
}

/** The scope of one cluster; `names` are the metrics it was found to have, `labels` how agents write its id. */
export function clusterScope(
  cluster: ClusterId,
  settings: ScopeSettings,
  names: ReadonlySet<string>,
  labels: readonly string[] = [cluster],
): Scope {
  return scopeWith(matchLabels(labels), settings, (name) => names.has(name));
}

/** The scope of one cluster, as the store writes its id, for expressions that leave this service. */
export function exportedScope(
  cluster: ClusterId,
  settings: ScopeSettings,
  labels: readonly string[] = [cluster],
): Scope {
  return scopeWith(matchLabels(labels), settings, () => true);
}

function matchLabels(labels: readonly string[]): LabelMatcher {
  const [only = '', ...others] = labels;
  return others.length === 0
    ? { label: 'cluster', op: '=', value: only }
    : matchAnyOf('cluster', labels);
}

/** The scope of many clusters: of those named, else of all. Which metrics each has is not known. */
export function fleetScope(settings: ScopeSettings, clusters?: readonly ClusterId[]): Scope {
  const own: LabelMatcher =
    clusters === undefined
      ? { label: 'cluster', op: '!=', value: '' }
      : matchLabels(clusters.flatMap(spellingsOf));
  return scopeWith(own, settings, () => true);
}

/** The scope of the clusters of a matcher. Which metrics each has is not known. */
export function scopeOfClusters(settings: ScopeSettings, cluster: LabelMatcher): Scope {
  return scopeWith(cluster, settings, () => true);
}

function scopeWith(
  cluster: LabelMatcher,
  settings: ScopeSettings,
  has: (name: string) => boolean,
): Scope {
  const { nodeExporterJob: job } = settings;
  const select = (name: string, ...matchers: LabelMatcher[]) => {
    const own = [cluster];
    if (job !== undefined && name.startsWith('node_'))
      own.push({ label: 'job', op: '=', value: job });
    return selector(name, [...own, ...matchers]);
  };
  return {
    select,
    selectAny(names, ...matchers) {
      const [first = '', ...others] = names;
      if (others.length === 0) return select(first, ...matchers);
      const named = matchers.map(writeMatcher).map((matcher) => `,${matcher}`);
      return `{__name__=~${quoteLabelValue(names.join('|'))},${writeMatcher(cluster)}${named.join('')}}`;
    },
    has,
    settings,
  };
}

/** The selector of all series of a cluster, however its id is written, or of those with one of the names. */
export function clusterSelector(cluster: ClusterId, names?: readonly string[]): string {
  const named = names === undefined ? '' : `,__name__=~${quoteLabelValue(names.join('|'))}`;
  return `{${writeMatcher(matchLabels(spellingsOf(cluster)))}${named}}`;
}
