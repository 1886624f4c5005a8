import { z } from 'zod';
import type { Target } from './dashboard.js';

const sample = z.tuple([z.number(), z.string()]);
const answer = z.object({
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        value: sample.optional(),
        values: z.array(sample).optional(),
      }),
    ),
  }),
});
type Series = z.infer<typeof answer>['data']['result'][number];

/** Unix seconds. */
interface Span {
  from: number;
  to: number;
  step: number;
}

/** Reads `now` and `now-<n><s|m|h|d|w>`; anything else is `now`. */
export function readTime(text: unknown, now: number): number {
  const [, amount = '0', unit = 's'] = /^now-(\d+)([smhdw])$/.exec(String(text)) ?? [];
  const seconds = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }[unit] ?? 1;
  return now - Number(amount) * seconds;
}

/**
 * Runs one target of a panel on Prometheus and gives its data frames. Rejects when Prometheus cannot
 * be reached or refuses the query; Grafana tells an anonymous reader neither.
 */
export async function queryFrames(
  prometheusUrl: string,
  target: Target,
  span: Span,
): Promise<unknown[]> {
  const { refId = 'A', expr = '', instant: once = false, range = false } = target;
  const instant = once && !range;
  const form = new URLSearchParams({ query: fillBuiltIns(expr, span) });
  if (instant) form.set('time', String(span.to));
  else {
    form.set('start', String(span.from));
    form.set('end', String(span.to));
    form.set('step', String(span.step));
  }
  const url = `${prometheusUrl}/api/v1/${instant ? 'query' : 'query_range'}`;
  const response = await fetch(url, {
    method: 'POST',
    body: form,
    signal: AbortSignal.timeout(10_000),
  });
  const { data } = answer.parse(await response.json());
  return data.result.map((series) => frame(series, refId, span));
}

const fillBuiltIns = (expr: string, { from, to, step }: Span): string =>
  expr
    .replace(/\$__rate_interval|\$\{__rate_interval\}/g, `${Math.max(120, step)}s`)
    .replace(/\$__interval|\$\{__interval\}/g, `${step}s`)
    .replace(/\$__range|\$\{__range\}/g, `${to - from}s`);

function frame(
  { metric, value, values = value ? [value] : [] }: Series,
  refId: string,
  span: Span,
) {
  const { __name__: metricName = '', ...labels } = metric;
  const pairs = Object.entries(labels).map(([key, text]) => `${key}=${JSON.stringify(text)}`);
  const name = `${metricName}{${pairs.join(', ')}}`;
  return {
    schema: {
      name,
      refId,
      meta: { type: 'timeseries-multi' },
      fields: [
        {
          name: 'Time',
          type: 'time',
          typeInfo: { frame: 'time.Time' },
          config: { interval: span.step * 1000 },
        },
        {
          name: 'Value',
          type: 'number',
          typeInfo: { frame: 'float64' },
          labels: metric,
          config: { displayNameFromDS: name },
        },
      ],
    },
    data: {
      values: [
        values.map(([time]) => Math.round(time * 1000)),
        values.map(([, text]) => Number(text)),
      ],
    },
  };
}
