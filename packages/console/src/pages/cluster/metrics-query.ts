import { zoneOffset } from '../../format/time';
import type { Range } from './cluster-url';

/** Points that a page takes of each metric, those of all nodes together. */
const MOST_POINTS = 20_000;
const DAY = 86_400;
/** Points of the API's own step of today; its other ranges have few. */
const POINTS_OF_TODAY = 288;

/**
 * The query of a cluster's figures and series, at a time (Unix seconds). Of many nodes a day is asked for with a coarser
 * step, since the API gives series of each node or of none.
 */
export function metricsQuery(range: Range, cluster: { nodes: number; zone: string; now: number }) {
  const { nodes, zone, now } = cluster;
  const most = Math.max(
    12,
    Math.min(POINTS_OF_TODAY, Math.floor(MOST_POINTS / Math.max(1, nodes))),
  );
  if (range.name === undefined) return windowQuery(range, zone, most);
  if (range.name !== 'today' || most === POINTS_OF_TODAY)
    return { time_range: range.name, series: 'columns', timezone: zone } as const;
  const midnight = now - ((now + zoneOffset(zone, now)) % DAY);
  // Against yesterday, as today is.
  return { ...windowQuery({ from: midnight, to: now }, zone, most), compare: 'day' } as const;
}

function windowQuery({ from, to }: { from: number; to: number }, zone: string, most: number) {
  const step = String(stepOf(to - from, most));
  const [start, end] = [String(Math.floor(from)), String(Math.ceil(to))];
  return { start, end, step, series: 'columns', timezone: zone } as const;
}

const steps = [30, 60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, DAY];

/** The smallest round step with at most so many points; seconds. */
function stepOf(span: number, most: number): number {
  return steps.find((step) => span / step <= most) ?? Math.ceil(span / most / DAY) * DAY;
}
