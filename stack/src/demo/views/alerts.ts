import type { AlertList } from '@bud-monitoring/contracts';
import type { TerminalStyle } from '../terminal-style.js';

/** Alerts shown of one cluster. */
const MOST = 3;

/** A line for each cluster that has alerts which are not over. */
export function alertLines(
  clusters: readonly { name: string; alerts: AlertList }[],
  style: TerminalStyle,
): string {
  const lines = clusters.flatMap(({ name, alerts: { alerts } }) => {
    const open = alerts.filter(({ state }) => state !== 'resolved');
    if (open.length === 0) return [];
    const shown = open.slice(0, MOST).map(({ message, state }) => `${message} (${state})`);
    const more = open.length > MOST ? `, and ${open.length - MOST} more` : '';
    return [`  ${style.warning('!')} ${name}: ${shown.join(', ')}${more}`];
  });
  return lines.join('\n');
}
