/** Bytes of a GiB. */
export const gib = 2 ** 30;

/** Mbps (10^6 bit/s) of bytes per second. */
export const mbps = (bytesPerSecond: number): number => (bytesPerSecond * 8) / 1e6;

/** Joules of a kWh. */
export const kwh = 3.6e6;

/** Rounds to the decimals of the answer; `null` stays `null`. */
export function round(value: number | null, decimals = 2): number | null {
  if (value === null || !Number.isFinite(value)) return null;
  const factor = 10 ** decimals;
  const rounded = Math.round(value * factor) / factor;
  return rounded === 0 ? 0 : rounded; // no negative zero
}
