import type { MetricSource } from '../../ports.js';
import { networkStats } from '../metrics/network.js';
import type { QueryResults } from '../promql/queries.js';
import type { Probe } from '../targets/probe.js';
import { readCurrentRates, type CurrentRates } from '../time-base/current-rates.js';
import { readRatePoints } from '../time-base/rate-points.js';
import { rateWindows } from '../time-base/rate-window.js';
import { containersCpu, rootCpu } from './cgroups.js';
import { statsBefore } from './windows.js';

interface RatesRequest {
  readonly probe: Probe;
  /** Unix seconds. */
  readonly end: number;
  readonly signal: AbortSignal;
}

/** Rates of network errors and drops at the full steps of the hour. */
export async function readStats(
  source: MetricSource,
  { probe, end, signal, targets }: RatesRequest & Pick<CurrentRates, 'targets'>,
): Promise<QueryResults> {
  const { scope, semantics } = probe;
  const none: QueryResults = {
    instant: new Map(),
    range: new Map(),
    failures: [],
    sent: 0,
  };
  const figures = networkStats(scope);
  if (figures.length === 0) return none;
  try {
    const { figures: range, sent } = await readRatePoints(source, {
      scope,
      figuresOf: networkStats,
      points: statsBefore(end),
      known: [{ targets, start: end - 2 * rateWindows[0] }],
      semantics,
      signal,
    });
    return { ...none, range, sent };
  } catch (error) {
    signal.throwIfAborted();
    const names = figures.map(({ figure }) => figure);
    const failures = [{ group: 'network statistics', figures: names, error }];
    return { ...none, failures, sent: 1 };
  }
}

/** CPU of nodes without node-exporter: by their root cgroup, or by their containers. */
export async function readFallbackCpu(
  source: MetricSource,
  by: 'root' | 'containers',
  { probe, end, signal }: RatesRequest,
): Promise<QueryResults> {
  const { scope, semantics } = probe;
  const figuresOf = by === 'root' ? rootCpu : containersCpu;
  const group = 'container figures';
  return (await readCurrentRates(source, { scope, figuresOf, at: end, semantics, signal, group }))
    .results;
}
