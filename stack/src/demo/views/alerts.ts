import type { AlertList } from '@bud-monitoring/contracts';
import type { Ink } from '../ink.js';

/** Alerts shown of one cluster. */
const MOST = 3;

/** A line for each cluster that has alerts which are not over. */
export function alertLines(
  clusters: readonly { name: string; alerts: AlertList }[],
  ink: Ink,
): string {
  const lines = clusters.flatMap(({ name, alerts: { alerts } }) => {
    const open = alerts.filter(({ state }) => state !== 'resolved');
    if (open.length === 0) return [];
    const shown = open.slice(0, MOST).map(({ message, state }) => `${message} (${state})`);
    const more = open.length > MOST ? `, and ${open.length - MOST} more` : '';
    return [`  ${ink.doubtful('!')} ${name}: ${shown.join(', ')}${more}`];
  });
  return lines.join('\n');
}
