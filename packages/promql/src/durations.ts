import { refused } from './refusal.js';
import type { Refusal } from './refusal.js';
import type { Duration } from './parse/selectors.js';

const unitSeconds: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};

/** No store holds more: a hundred years. */
const maxSeconds = 100 * 31_536_000;

/**
 * The first duration that no reader means, as a refusal: longer than a hundred years, or a number in another
 * form than digits with a point. Stores read those differently, and some crash on them.
 */
export function unreasonableDuration(durations: readonly Duration[]): Refusal | undefined {
  const found = durations.find(({ text }) => {
    const seconds = secondsOf(text);
    return seconds === undefined || seconds > maxSeconds;
  });
  return (
    found &&
    refused(
      `The duration ${found.text} is not allowed: write it like 5m or 300, at most a hundred years`,
      found.from,
    )
  );
}

/** Seconds of a number or a duration, as a range or an offset may be written; undefined for any other. */
function secondsOf(text: string): number | undefined {
  if (/^(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(text)) return Number(text);
  return durationSeconds(text);
}

/** Seconds of a duration such as `1h30m`; undefined for anything else. */
export function durationSeconds(text: string): number | undefined {
  if (!/^(\d+(ms|[smhdwy]))+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(/(\d+)(ms|[smhdwy])/g)) {
    seconds += Number(amount) * (unitSeconds[unit] ?? 0);
  }
  return seconds;
}
