import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { Datasource } from '../store.js';
import type { Target } from './dashboard.js';
import { fillBuiltIns, readInterval, stepOf, type Resolution, type Span } from './intervals.js';

const sample = z.tuple([z.number(), z.string()]);
const answer = z.object({
  data: z.object({
    resultType: z.string().optional(),
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

/** A store as a data source leads to it: its address, and what goes with each request. */
type Store = Pick<
  Datasource,
  'url' | 'jsonData' | 'basicAuth' | 'basicAuthUser' | 'secureJsonData'
>;

/** What was asked, as data frames show it to those with an account. */
interface Executed {
  expr: string;
  step: number;
  resultType: string | undefined;
}

/**
 * Runs one target of a panel on the store behind a data source and gives its data frames: always one
 * for each series, since `format: table` is the browser's to heed. Rejects when the store cannot be
 * reached or refuses the query; Grafana tells an anonymous reader neither.
 */
export async function queryFrames(
  store: Store,
  target: Target,
  span: Span,
  asked: Pick<Resolution, 'intervalMs' | 'maxDataPoints'>,
  { anonymous }: { anonymous: boolean },
): Promise<unknown[]> {
  const { refId = 'A', expr: written = '', instant: once = false, range = false } = target;
  const scrapeSeconds = readInterval(store.jsonData['timeInterval']);
  const step = stepOf(span, { ...asked, scrapeSeconds });
  const expr = fillBuiltIns(written, span, { step, scrapeSeconds });
  const instant = once && !range;
  const aligned = (time: number) => String(Math.floor(time / step) * step);
  const times = instant
    ? { time: String(span.to) }
    : { start: aligned(span.from), end: aligned(span.to), step: String(step) };
  const { data } = await ask(store, instant ? 'query' : 'query_range', { query: expr, ...times });
  const executed = anonymous ? null : { expr, step, resultType: data.resultType };
  return data.result.map((series) => frame(series, { refId, step, executed }));
}

async function ask(store: Store, path: string, form: Record<string, string>) {
  const url = new URL(`${store.url.replace(/\/$/, '')}/api/v1/${path}`);
  const isTrusting = store.jsonData['tlsAuthWithCACert'] === true;
  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
    method: 'POST',
    headers: { ...headersOf(store), 'content-type': 'application/x-www-form-urlencoded' },
    signal: AbortSignal.timeout(30_000), // as Grafana's own
    ...(isTrusting && { ca: store.secureJsonData['tlsCACert'] ?? '' }),
  });
  request.end(new URLSearchParams(form).toString());
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const body = await text(response);
  if (response.statusCode !== 200)
    throw new Error(`the store answered ${response.statusCode ?? 'nothing'}`);
  return answer.parse(JSON.parse(body));
}

/** Credentials and headers of a data source, from where Grafana keeps them. */
function headersOf({ basicAuth, basicAuthUser, jsonData, secureJsonData }: Store) {
  const headers: Record<string, string> = {};
  if (basicAuth) {
    const login = `${basicAuthUser}:${secureJsonData['basicAuthPassword'] ?? ''}`;
    headers['authorization'] = `Basic ${Buffer.from(login).toString('base64')}`;
  }
  for (const [key, name] of Object.entries(jsonData)) {
    if (!key.startsWith('httpHeaderName') || typeof name !== 'string') continue;
    headers[name] = secureJsonData[key.replace('Name', 'Value')] ?? '';
  }
  return headers;
}

function frame(
  { metric, value, values = value ? [value] : [] }: Series,
  { refId, step, executed }: { refId: string; step: number; executed: Executed | null },
) {
  const { __name__: metricName = '', ...labels } = metric;
  const pairs = Object.entries(labels).map(([key, text]) => `${key}=${JSON.stringify(text)}`);
  const name = `${metricName}{${pairs.join(', ')}}`;
  return {
    schema: {
      name,
      refId,
      meta: {
        type: 'timeseries-multi',
        ...(executed !== null && {
          custom: { resultType: executed.resultType },
          executedQueryString: `Expr: ${executed.expr}\nStep: ${executed.step}s`,
        }),
      },
      fields: [
        {
          name: 'Time',
          type: 'time',
          typeInfo: { frame: 'time.Time' },
          config: { interval: step * 1000 },
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
