import type { ClusterId } from '@bud-monitoring/contracts';
import type { OutgoingEvent } from '../../../ports.js';
import type { AlertRecord } from '../record.js';
import { toAlert } from './to-alert.js';

/** The event of a change of an alert at `at` (Unix seconds); its id is the same in every attempt. */
export function toAlertEvent(
  cluster: ClusterId,
  before: AlertRecord | null,
  after: AlertRecord,
  at: number,
): OutgoingEvent {
  const { metric, subject, state, severity } = after;
  return {
    id: [cluster, metric, subject, at, state, severity].join('/'),
    time: at,
    event: {
      ...toAlert(after),
      cluster_id: cluster,
      previous_state: before?.state ?? null,
    },
  };
}
