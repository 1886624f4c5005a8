import type { Figure, FigureReader } from '../promql/figure.js';
import type { Scope } from '../promql/scope.js';
import type { Warnings } from '../warnings.js';
import type { InstantReading } from '../targets/instant-reading.js';
import { heartbeatSelector, perTarget } from '../targets/node-exporter.js';

/** Time of the newest heartbeat of each instance and of the newest in 5 minutes, and how many targets it has now. */
export function heartbeatFigures(scope: Scope, instant: InstantReading): Figure[] {
  const heartbeat = heartbeatSelector(scope);
  if (heartbeat === null) return [];
  return [
    { figure: 'heard', expr: `max by (instance) (timestamp(${heartbeat}))` },
    { figure: 'ahead', expr: `max by (instance) (timestamp(${heartbeat} offset -5m))` },
    {
      figure: 'replicas',
      expr: `count by (instance) (${perTarget(instant.latest(heartbeat))})`,
    },
  ];
}

/** Whether a node had a sample in the 5 minutes before the end, be it of a recording rule alone. */
export function isReporting(read: FigureReader): boolean {
  return read('replicas') !== null || read('cpu:rule') !== null;
}

/** Seconds by which a clock may be ahead. */
const tolerance = 15;

/** Warns of nodes with samples later than `now` (Unix seconds): their figures are older than they seem. */
export function warnOfFuture(
  nodes: readonly (readonly [key: string, read: FigureReader])[],
  now: number,
  warnings: Warnings,
): void {
  const ahead = nodes.filter(([, read]) => (read('ahead') ?? 0) > now + tolerance);
  warnings.add(
    'samples_from_future',
    'The store has samples from the future: the clock of what wrote them is ahead',
    { nodes: ahead.map(([key]) => key) },
  );
}
