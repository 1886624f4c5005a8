/** Unix seconds. */
export interface Span {
  from: number;
  to: number;
}

/** Grafana's steps: an interval below the first number of a pair becomes its second, in seconds. */
const rounded = [
  [0.75, 0.5],
  [1.5, 1],
  [3.5, 2],
  [7.5, 5],
  [12.5, 10],
  [17.5, 15],
  [25, 20],
  [45, 30],
  [90, 60],
  [210, 120],
  [450, 300],
  [750, 600],
  [1_050, 900],
  [1_500, 1_200],
  [2_700, 1_800],
  [5_400, 3_600],
  [9_000, 7_200],
  [16_200, 10_800],
  [32_400, 21_600],
  [86_400, 43_200],
] as const;

/** The most points that Grafana asks Prometheus for. */
const safePoints = 11_000;
const defaultPoints = 1_500;

const round = (seconds: number): number =>
  rounded.find(([below]) => seconds < below)?.[1] ?? 86_400;

/** What says how fine a query is: of the data source, and of whoever asks. */
export interface Resolution {
  /** The data source's `jsonData.timeInterval` in seconds; 15 where it has none. */
  scrapeSeconds: number;
  intervalMs: number;
  maxDataPoints: number;
}

/** The step of a query in seconds. */
export function stepOf(
  { from, to }: Span,
  { scrapeSeconds, intervalMs, maxDataPoints }: Resolution,
): number {
  const least = intervalMs > 0 ? intervalMs / 1_000 : scrapeSeconds;
  const wanted = (to - from) / (maxDataPoints > 0 ? maxDataPoints : defaultPoints);
  return Math.max(wanted < least ? least : round(wanted), round((to - from) / safePoints));
}

/**
 * Fills in Grafana's own variables. `$__rate_interval` is four scrape intervals, or one and the step:
 * by what the data source says the scrape interval is, whatever it really is.
 */
export function fillBuiltIns(
  expr: string,
  { from, to }: Span,
  { step, scrapeSeconds }: { step: number; scrapeSeconds: number },
): string {
  const rate = Math.max(step + scrapeSeconds, 4 * scrapeSeconds);
  const values: Record<string, string> = {
    rate_interval: duration(rate),
    interval: duration(step),
    interval_ms: String(step * 1_000),
    range: duration(to - from),
    range_s: String(to - from),
    range_ms: String((to - from) * 1_000),
  };
  return expr.replace(
    /\$__(\w+)|\$\{__(\w+)\}/g,
    (text, bare: string | undefined, braced: string | undefined) =>
      values[braced ?? bare ?? ''] ?? text,
  );
}

/** As Prometheus reads it. */
const duration = (seconds: number): string => `${Math.round(seconds * 1_000)}ms`;

const secondsOf: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3_600, d: 86_400 };

/** The seconds of a `timeInterval`; 15, as Grafana has it, where there is none. */
export function readInterval(text: unknown): number {
  const [, amount, unit = 's'] = /^(\d+)(ms|s|m|h|d)?$/.exec(String(text)) ?? [];
  return amount === undefined ? 15 : Number(amount) * (secondsOf[unit] ?? 1);
}

/** Reads `now`, `now-<n><s|m|h|d|w>` and milliseconds; anything else is `now`. */
export function readTime(text: unknown, now: number): number {
  if (/^\d{12,}$/.test(String(text))) return Math.floor(Number(text) / 1_000);
  const [, amount = '0', unit = 's'] = /^now-(\d+)([smhdw])$/.exec(String(text)) ?? [];
  const seconds = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }[unit] ?? 1;
  return now - Number(amount) * seconds;
}
