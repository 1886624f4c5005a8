import type { ClusterId } from '@bud-monitoring/contracts';
import type { MetricSource } from '../../../ports.js';
import { fleetScope, type ScopeSettings } from '../../promql/scope.js';
import { nodeTargets } from '../../targets/node-exporter.js';
import { rateWindowFor, rateWindows } from '../../time-base/rate-window.js';
import { readSampleTimes } from '../../time-base/read-samples.js';

/**
 * The rate window (seconds) of a cluster's exported rules: a rule has one for all nodes, so it is the one that
 * fits those that are sampled most rarely. Throws what the store throws.
 */
export async function readRateWindow(
  source: MetricSource,
  request: {
    readonly settings: ScopeSettings;
    readonly cluster: ClusterId;
    /** Unix seconds. */
    readonly at: number;
    readonly signal: AbortSignal;
  },
): Promise<number> {
  const { settings, cluster, at, signal } = request;
  const scope = fleetScope(settings, [cluster]);
  const groups = [nodeTargets(scope)];
  const { targets } = await readSampleTimes(source, { scope, groups, seconds: 1200, at, signal });
  const windows = [...targets.values()].flatMap((own) =>
    [...own.values()].map(({ times }) => rateWindowFor(times.interval ?? 0)),
  );
  return Math.max(rateWindows[0], ...windows);
}
