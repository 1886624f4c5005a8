import { zoneOffset } from './time';

/** Round values from 0 up to at least `most`, about as many as asked for. */
export function valueTicks(most: number, about: number): readonly number[] {
  if (!(most > 0)) return [0, 1];
  const rough = most / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5, 10].find((one) => one * power >= rough) ?? 10);
  const count = Math.ceil(most / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, place) => place * step);
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const steps = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 5, 7, 14, 30].map((count) => count * DAY),
];

/** Round times of a zone between two moments (Unix seconds), at most as many as asked for, with their labels. */
export function timeTicks(
  range: { from: number; to: number },
  zone: string,
  most: number,
): readonly { at: number; label: string }[] {
  const { from, to } = range;
  const step = steps.find((one) => (to - from) / one <= most) ?? 90 * DAY;
  const offset = zoneOffset(zone, from);
  const first = Math.ceil((from + offset) / step) * step - offset;
  const label = labeller(zone, step);
  const ticks: { at: number; label: string }[] = [];
  for (let at = first; at <= to; at += step) ticks.push({ at, label: label(at) });
  return ticks;
}

/** Times of a day by the hour, midnights and longer steps by their date. */
function labeller(zone: string, step: number): (at: number) => string {
  const hour = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
  });
  const day = new Intl.DateTimeFormat('en-GB', { timeZone: zone, day: 'numeric', month: 'short' });
  return (at) => {
    const time = hour.format(at * 1000);
    return step >= DAY || time === '00:00' ? day.format(at * 1000) : time;
  };
}
