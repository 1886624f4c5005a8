import { setTimeout as sleep } from 'node:timers/promises';
import { cluster } from './store.js';

export type Pairs = readonly (readonly [string, string])[];

/** What any Prometheus says. */
export interface Said {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: {
    status: string;
    data?: unknown;
    errorType?: string;
    error?: string;
    warnings?: string[];
    infos?: string[];
  };
}

export interface CallOptions {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** The API of the cluster at a service. */
export const apiOf = (url: string, id = cluster) => `${url}/clusters/${id}/prometheus`;

/** How often, and after how long (ms), a service is asked again that has no time: it shares the process of the tests. */
const [mostTries, pauseMs] = [20, 500];

/** Calls `/api/v1<path>` of a Prometheus, or of what looks like one. */
export async function call(
  url: string,
  path: string,
  parameters: Pairs = [],
  options: CallOptions = {},
): Promise<Said> {
  for (let tries = 1; ; tries += 1) {
    const said = await callOnce(url, path, parameters, options);
    const isBusy = said.status === 503 && said.body.error?.includes('service is busy') === true;
    if (!isBusy || tries === mostTries) return said;
    await sleep(pauseMs);
  }
}

async function callOnce(
  url: string,
  path: string,
  parameters: Pairs,
  { method = 'GET', headers = {}, signal }: CallOptions,
): Promise<Said> {
  const form = new URLSearchParams(parameters as [string, string][]);
  const isGet = method === 'GET';
  const response = await fetch(`${url}/api/v1${path}${isGet ? `?${String(form)}` : ''}`, {
    method,
    headers,
    redirect: 'error',
    ...(!isGet && { body: form }),
    ...(signal && { signal }),
  });
  const text = await response.text();
  const body = JSON.parse(text) as Said['body'];
  return { status: response.status, headers: response.headers, text, body };
}

/** Data without the order of series, which Prometheus leaves open. */
export function unordered(data: unknown): unknown {
  if (Array.isArray(data)) return data.map((one) => JSON.stringify(one)).sort();
  const { result } = data as { result?: unknown };
  return Array.isArray(result) && typeof result[0] === 'object'
    ? { ...(data as object), result: unordered(result) }
    : data;
}
