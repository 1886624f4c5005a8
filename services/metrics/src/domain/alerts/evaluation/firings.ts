import { alertSeverities } from '@bud-monitoring/contracts';
import type { AlertRecord } from '../record.js';

/**
 * The alert with when each of its levels last fired, at `at` (Unix seconds). A critical alert fires on
 * both, as the rules of `alert-rules` do.
 */
export function withFirings(
  previous: AlertRecord | null,
  next: AlertRecord,
  at: number,
): AlertRecord {
  const rank = next.state === 'firing' ? alertSeverities.indexOf(next.severity) : -1;
  const firings = { ...previous?.firings };
  alertSeverities.forEach((severity, level) => {
    const last = firings[severity];
    if (level <= rank) firings[severity] = last?.to === null ? last : { from: at, to: null };
    else if (last?.to === null) firings[severity] = { ...last, to: at };
  });
  return Object.keys(firings).length === 0 ? next : { ...next, firings };
}
