import type { Figure, FigureReader } from '../promql/figure.js';
import type { Scope } from '../promql/scope.js';
import type { InstantReading } from '../targets/instant-reading.js';
import { heartbeatSelector, perTarget } from '../targets/node-exporter.js';

/** Time of the newest heartbeat of each instance, and how many targets it has now. */
export function heartbeatFigures(scope: Scope, instant: InstantReading): Figure[] {
  const heartbeat = heartbeatSelector(scope);
  if (heartbeat === null) return [];
  return [
    { figure: 'heard', expr: `max by (instance) (timestamp(${heartbeat}))` },
    {
      figure: 'replicas',
      expr: `count by (instance) (${perTarget(instant.latest(heartbeat))})`,
    },
  ];
}

/** Whether a node had a sample in the 5 minutes before the end. */
export function isReporting(read: FigureReader): boolean {
  return read('replicas') !== null;
}
