const NUMBER = '[+-]?(?:(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d+)?|inf(?:inity)?|nan)';
const ITEM = new RegExp(
  `^(${NUMBER})(?:([+-](?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d+)?))?(?:x(\\d+))?$`,
  'i',
);
const MISSING = /^_(?:x(\d+))?$/;

/**
 * promtool's notation of values, one for each interval: `1 2.5 NaN +Inf`, `_` for a sample that is
 * missing, `_x3` for three, `5x2` for 5 5 5, `0+10x3` for 0 10 20 30, `9-3x2` for 9 6 3.
 */
export function parseValues(text: string): (number | undefined)[] {
  return text
    .split(/\s+/)
    .filter((item) => item !== '')
    .flatMap(parseItem);
}

function parseItem(item: string): (number | undefined)[] {
  const missing = MISSING.exec(item);
  if (missing !== null) return Array<undefined>(Number(missing[1] ?? 1)).fill(undefined);
  const [, first, step, times] = ITEM.exec(item) ?? [];
  if (first === undefined || (step !== undefined && times === undefined)) {
    throw new Error(`"${item}" is not in promtool's notation of values`);
  }
  const length = Number(times ?? 0) + 1;
  return Array.from({ length }, (_, index) => number(first) + index * number(step ?? '0'));
}

function number(text: string): number {
  return Number(text.replace(/inf(inity)?/i, 'Infinity').replace(/nan/i, 'NaN'));
}
