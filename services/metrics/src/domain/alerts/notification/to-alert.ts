import type { Alert } from '@bud-monitoring/contracts';
import { round } from '../../units.js';
import type { AlertMetric, AlertRecord } from '../record.js';

/** Words and unit of a metric in messages. */
const words: Readonly<Record<AlertMetric, { readonly what: string; readonly unit: string }>> = {
  cpu_usage: { what: 'CPU usage', unit: ' %' },
  memory_usage: { what: 'Memory usage', unit: ' %' },
  disk_usage: { what: 'Usage of the root file system', unit: ' %' },
  network_errors: { what: 'Network errors', unit: ' a minute' },
  node_not_ready: { what: 'Readiness', unit: '' },
};

/** The alert in answers and events. */
export function toAlert(record: AlertRecord): Alert {
  const { severity, metric, node, hostname, threshold, state, since, reason } = record;
  return {
    severity,
    metric,
    node,
    hostname,
    value: round(record.value) ?? 0,
    threshold,
    message: messageOf(record),
    state,
    since,
    ...(reason !== null && { reason }),
  };
}

function messageOf(record: AlertRecord): string {
  const { metric, hostname, node, value, threshold, reason } = record;
  const { what, unit } = words[metric];
  const name = hostname ?? node;
  const amount = (number: number) => `${round(number, 1) ?? 0}${unit}`;
  switch (reason) {
    case 'no_data':
      return `${what} of ${name}: there is no data any more`;
    case 'disabled':
      return `${what} of ${name} is not watched any more`;
    case 'cluster_deleted':
      return `${what} of ${name}: the cluster was deleted`;
    case 'recovered':
      if (metric === 'node_not_ready') return `Node ${name} is ready again`;
      return `${what} of ${name}: down to ${amount(value)}`;
    case null:
      if (metric === 'node_not_ready') return `Node ${name} is not ready`;
      return `${what} of ${name}: ${amount(value)}, ${value < threshold ? 'not yet clear of' : 'at or above'} ${amount(threshold)}`;
  }
}
