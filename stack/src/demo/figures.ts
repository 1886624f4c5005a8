import type { TerminalStyle } from './terminal-style.js';

/** What stands where there is no figure: never a zero. */
export const NONE = '–';

const BAR_WIDTH = 8;
const SPARKS = '▁▂▃▄▅▆▇█';

/** A figure with a unit, `–` where there is none. */
export function figure(value: number | null | undefined, unit: string, digits = 0): string {
  if (value === null || value === undefined) return NONE;
  return `${value.toFixed(digits)}${unit === '' ? '' : ` ${unit}`}`;
}

/** `61 of 128 GiB` */
export function usedOfTotal(
  some: number | null | undefined,
  all: number | null | undefined,
  unit = '',
) {
  if (some === null || some === undefined) return NONE;
  return `${rounded(some)} of ${all === null || all === undefined ? NONE : rounded(all)}${unit === '' ? '' : ` ${unit}`}`;
}

/** A share as a small bar and a figure; full ones are set off. */
export function percentBar(percent: number | null | undefined, style: TerminalStyle): string {
  if (percent === null || percent === undefined) return `${' '.repeat(BAR_WIDTH + 1)}  ${NONE}`;
  const filled = Math.round((Math.min(100, Math.max(0, percent)) / 100) * BAR_WIDTH);
  const bar = style.bar('█'.repeat(filled)) + style.dim('░'.repeat(BAR_WIDTH - filled));
  const text = `${percent.toFixed(0).padStart(3)} %`;
  const paint =
    percent >= 90 ? style.error : percent >= 70 ? style.warning : (plain: string) => plain;
  return `${bar} ${paint(text)}`;
}

/** A change with its sign: percentage points for shares, percent for the rest. */
export function change(value: number | null | undefined, unit: '%' | 'pp'): string {
  if (value === null || value === undefined) return NONE;
  const text = Math.abs(value).toFixed(1);
  return `${text === '0.0' ? '±' : value < 0 ? '−' : '+'}${text} ${unit}`;
}

/** One character a point, from the lowest to the highest; a gap where nothing was measured. */
export function sparkline(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  const low = Math.min(...known);
  const span = Math.max(...known) - low;
  return values
    .map((value) => {
      if (value === null) return ' ';
      const level = span === 0 ? 3 : Math.round(((value - low) / span) * (SPARKS.length - 1));
      return SPARKS[level] ?? ' ';
    })
    .join('');
}

function rounded(value: number): string {
  return value.toFixed(value < 10 && !Number.isInteger(value) ? 1 : 0);
}
