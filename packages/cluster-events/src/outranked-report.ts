import type { ClusterEvent } from './cluster-event.js';
import type { Outranking } from './cluster-state.js';

/** The labels by which outranked events are counted, both of few values. */
export interface OutrankedLabels {
  kind: ClusterEvent['kind'];
  reason: Outranking['reason'];
}

type Report = (message: string, fields: Record<string, unknown>) => void;

/**
 * Counts and logs what the order of events leaves without effect, in the same words in every service.
 * `tie` is a warning: a publisher that sends `time` with a fraction would not have met it.
 */
export function createOutrankedReport({
  log,
  count,
}: {
  log: { info: Report; warn: Report };
  count: (labels: OutrankedLabels) => void;
}): (event: ClusterEvent, outranking: Outranking) => void {
  return ({ kind, clusterId, time }, { reason, by }) => {
    count({ kind, reason });
    const fields = {
      clusterId,
      kind,
      eventTime: time,
      reason,
      newerKind: by.kind,
      newerTime: by.time,
    };
    if (reason === 'tie') log.warn('an event was outranked by one of the same second', fields);
    else log.info('an event was outranked by a newer one', fields);
  };
}
