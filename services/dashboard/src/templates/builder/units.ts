/**
 * Unit of a query by the names in it: ratios are `percentunit`, byte rates `Bps`, and so on.
 * Returns Grafana's `short` where nothing is known.
 */
export function inferUnit(expr: string): string {
  const isRate = /\b(i?rate|increase)\s*\(/.test(expr);
  const isRatio = /ratio|utili[sz]ation:|\)\s*\/\s*sum/.test(expr);
  if (isRatio) return 'percentunit';
  if (expr.includes('_bytes')) return isRate ? 'Bps' : 'bytes';
  if (/packets|_drop_total|_errs_total/.test(expr)) return packets;
  if (/_fs_(reads|writes)_total/.test(expr)) return operations;
  if (/_watts|joules_total|POWER_USAGE/.test(expr)) return 'watt';
  if (/celsius|TEMP/.test(expr)) return 'celsius';
  return 'short';
}

/** Packets per second; Grafana's own `pps` shows a tenth of one as 100 mp/s. */
export const packets = 'suffix: p/s';
/** Operations of a disk per second, for the same reason. */
export const operations = 'suffix: io/s';
