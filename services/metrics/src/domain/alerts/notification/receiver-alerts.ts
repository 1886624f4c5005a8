import { alertSeverities, type ClusterId } from '@bud-monitoring/contracts';
import type { ReceiverAlert } from '../../../ports.js';
import type { AlertRecord, AlertTimes } from '../record.js';
import { ruleName } from '../rules/rule-file.js';
import { toAlert } from './to-alert.js';

/** As long as Prometheus says that an alert is over: a receiver may have been away (seconds). */
const saidResolved = 15 * 60;

const iso = (unixSeconds: number) => new Date(unixSeconds * 1000).toISOString();

/**
 * The alerts of a cluster as receivers get them at `at` (Unix seconds), with the names and labels of the
 * exported rules: every firing one, each time, and for a while those that are over. A firing one is good
 * for as long as an alert stays without data: a pause of ours resolves nothing.
 */
export function receiverAlerts(
  cluster: ClusterId,
  records: readonly AlertRecord[],
  at: number,
  { noData }: Pick<AlertTimes, 'noData'>,
): ReceiverAlert[] {
  return records.flatMap((record) =>
    alertSeverities.flatMap((severity) => {
      const firing = record.firings?.[severity];
      if (!firing || (firing.to !== null && at - firing.to >= saidResolved)) return [];
      const { metric, subject } = record;
      const { message, node, hostname, value } = toAlert(record);
      return [
        {
          labels: {
            alertname: ruleName(metric, severity),
            ...{ cluster, metric, severity },
            [metric === 'node_not_ready' ? 'node' : 'instance']: subject,
          },
          annotations: {
            summary: message,
            node,
            ...(hostname !== null && { hostname }),
            value: String(value),
          },
          startsAt: iso(firing.from),
          endsAt: iso(firing.to ?? at + noData),
        },
      ];
    }),
  );
}
