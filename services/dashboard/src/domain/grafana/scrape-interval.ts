import type { ClusterId } from '@bud-monitoring/contracts';
import { clusterMatcher } from './cluster-labels.js';

/** Scrape intervals are rounded up to one of these (seconds), so that a lost sample changes nothing. */
const steps = [15, 30, 60, 120, 300];

/** How much longer than it is an interval may look, since samples were lost. */
const tolerance = 0.85;

/** Seconds that are assumed where nothing is known. */
export const assumedSeconds = 60;

const window = '15m';

/** Samples per second of the middle one of many series, of those that have three or more. */
function sampleRate(selector: string): string {
  const counted = `(count_over_time(${selector}[${window}]) > 2) - 1`;
  const since = `min_over_time(timestamp(${selector})[${window}:1m])`;
  return `quantile(0.5, (${counted}) / clamp_min(timestamp(${selector}) - ${since}, 1))`;
}

/** Counters of the exporters whose rates the dashboards show, with few series for each target. */
const ofNode = 'node_cpu_seconds_total{mode=~"idle|user", cpu="0"';
const counters = [
  ofNode,
  'container_cpu_usage_seconds_total{container!=""',
  'kepler_node_package_joules_total{mode!="idle"',
  'kepler_node_cpu_joules_total{zone!=""',
];

/** Samples per second of the slowest exporter of a cluster. */
export function clusterSampleRate(cluster: ClusterId): string {
  const rates = counters.map((counter, n) => {
    const selector = `${counter}, ${clusterMatcher(cluster)}}`;
    return `label_replace(${sampleRate(selector)}, "exporter", "${n}", "", "")`;
  });
  return `min(${rates.join(' or ')})`;
}

/** Samples per second as most nodes of the fleet have them. */
export const fleetSampleRate = sampleRate(`${ofNode}, cluster!=""}`);

/** The scrape interval in seconds, of samples per second; null where there are none. */
export function scrapeSeconds(samplesPerSecond: number | undefined): number | null {
  if (samplesPerSecond === undefined || !(samplesPerSecond > 0)) return null;
  const seconds = tolerance / samplesPerSecond;
  return steps.find((step) => seconds <= step) ?? Math.max(...steps);
}

/** Seconds that Grafana takes for the scrape interval of a data source that says none. */
const grafanaDefault = 15;

const secondsOf: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3_600, d: 86_400 };

/** The seconds of a data source's `timeInterval`. */
export function timeIntervalSeconds(timeInterval: unknown): number {
  const text = typeof timeInterval === 'string' ? timeInterval.trim() : '';
  const [, count, unit = 's'] = /^>?(\d+)(ms|s|m|h|d)?$/.exec(text) ?? [];
  return count === undefined ? grafanaDefault : Number(count) * (secondsOf[unit] ?? 1);
}

/**
 * What a rate is taken over in place of `$__rate_interval`: four scrape intervals, where that of the
 * data source is too short for a cluster, since Grafana's own variable would be too short then; else null.
 */
export function rateWindow(
  scrapeInterval: number | null,
  datasource: { intervalSeconds: number },
): string | null {
  const seconds = scrapeInterval ?? assumedSeconds;
  return seconds <= datasource.intervalSeconds ? null : `${(4 * seconds) / 60}m`;
}
