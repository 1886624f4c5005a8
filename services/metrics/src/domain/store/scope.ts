import { selector, type LabelMatcher } from '@bud-monitoring/promql';
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
  const { nodeExporterJob: job } = settings;
  return {
    select(name, ...matchers) {
      const own: LabelMatcher[] = [{ label: 'cluster', op: '=', value: cluster }];
      if (job !== undefined && name.startsWith('node_'))
        own.push({ label: 'job', op: '=', value: job });
      return selector(name, [...own, ...matchers]);
    },
    has: (name) => names.has(name),
    settings,
  };
}

/** The selector that finds which of `names` a cluster has. */
export function namesSelector(cluster: ClusterId, names: readonly string[]): string {
  return selector('', [
    { label: 'cluster', op: '=', value: cluster },
    { label: '__name__', op: '=~', value: names.join('|') },
  ]);
}
