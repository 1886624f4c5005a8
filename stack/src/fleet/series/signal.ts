import { between, unit } from '../random.js';

/**
 * A quantity known at every time (Unix seconds) together with its exact integral, so that a counter
 * can be read off at any moment: what was written as history and what is scraped later are one curve.
 */
export interface Signal {
  /** The value at `t`. */
  readonly at: (t: number) => number;
  /** The area under the curve from a fixed origin to `t`; only differences mean something. */
  readonly integral: (t: number) => number;
}

/** Areas are counted from here: nearer than 1970, so that byte counters keep their last digits. */
const ORIGIN = 1_750_000_000;
const HOUR = 3600;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

export interface WaveShape {
  /** The long-term mean. */
  mean: number;
  /** Size of the daily swing as a share of the mean. */
  daily?: number;
  /** Hour of the day (UTC) at which the daily swing is highest. */
  peakHour?: number;
  /** Size of the unrest within the day as a share of the mean. */
  wobble?: number;
}

/**
 * A wave that looks like use of a machine: working days, an afternoon peak, unrest of minutes and
 * hours. The key fixes the phases of the unrest.
 */
export function wave(shape: WaveShape, ...key: (string | number)[]): Signal {
  const daily = shape.daily ?? 0.3;
  const wobble = shape.wobble ?? 0.12;
  const peak = (shape.peakHour ?? 14) * HOUR;
  const parts = [
    part(DAY, daily, peak),
    part(DAY / 2, daily / 4, peak),
    part(WEEK, daily / 4, 6 * DAY),
    part(between(2.3, 3.4, ...key, 'hours') * HOUR, wobble / 2, unit(...key, 'a') * DAY),
    part(between(35, 55, ...key, 'minutes') * 60, wobble / 3, unit(...key, 'b') * DAY),
    part(between(9, 14, ...key, 'short') * 60, wobble / 6, unit(...key, 'c') * DAY),
  ].filter(({ share }) => share > 0);
  const swing = parts.reduce((total, { share }) => total + share, 0);
  if (swing >= 1) throw new Error(`a wave must stay above zero, its swing is ${swing}`);
  return {
    at(t) {
      let value = 1;
      for (const { share, omega, phase } of parts) value += share * Math.sin(omega * t + phase);
      return shape.mean * value;
    },
    integral(t) {
      let area = t - ORIGIN;
      for (const { share, omega, phase } of parts) {
        area -= (share / omega) * Math.cos(omega * t + phase);
      }
      return shape.mean * area;
    },
  };
}

/** One sine of the given period that is highest at `peak` seconds. */
function part(period: number, share: number, peak: number) {
  const omega = (2 * Math.PI) / period;
  return { share, omega, phase: Math.PI / 2 - omega * peak };
}

/** The same value at all times. */
export function constant(value: number): Signal {
  return { at: () => value, integral: (t) => value * (t - ORIGIN) };
}

/** `factor` × signal + `offset`. */
export function scaled(signal: Signal, factor: number, offset = 0): Signal {
  return {
    at: (t) => factor * signal.at(t) + offset,
    integral: (t) => factor * signal.integral(t) + offset * (t - ORIGIN),
  };
}

/** One signal until `time`, another from then on. */
export function switched(time: number, before: Signal, after: Signal): Signal {
  const joint = before.integral(time) - after.integral(time);
  return {
    at: (t) => (t < time ? before.at(t) : after.at(t)),
    integral: (t) => (t < time ? before.integral(t) : joint + after.integral(t)),
  };
}

/** Mean of a signal over the `seconds` before `t`: what a recording rule's `rate` gives. */
export function meanOver(signal: Signal, seconds: number, t: number): number {
  return (signal.integral(t) - signal.integral(t - seconds)) / seconds;
}
