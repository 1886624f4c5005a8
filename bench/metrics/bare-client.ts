import { Agent, request } from 'node:http';

/** One request to the store, as it went over the wire. */
export interface Sent {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Form of a POST. */
  readonly body: string;
}

export interface Got {
  readonly status: number;
  readonly bytes: number;
  /** Empty where it was discarded. */
  readonly text: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 256 });
const form = { 'content-type': 'application/x-www-form-urlencoded' };

/** Sends one request; its body is thrown away as it comes unless it is wanted. */
export function call(
  url: string,
  { method, path, body }: Sent,
  { headers = {}, keep = false }: { headers?: Record<string, string>; keep?: boolean } = {},
): Promise<Got> {
  return new Promise((resolve, reject) => {
    const all = { ...(body !== '' && form), ...headers };
    const outgoing = request(new URL(path, url), { method, agent, headers: all }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (keep) chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        const text = keep ? Buffer.concat(chunks).toString() : '';
        resolve({ status: response.statusCode ?? 0, bytes, text });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export const get = (path: string): Sent => ({ method: 'GET', path, body: '' });

/** A query as the original sends it: by POST, parsed, what it found given back. */
export async function ask(
  url: string,
  path: 'query' | 'query_range',
  parameters: Record<string, string | number>,
): Promise<{ metric: Record<string, string> }[]> {
  const texts = Object.entries(parameters).map(([name, value]) => [name, String(value)]);
  const body = new URLSearchParams(texts as [string, string][]).toString();
  const sent = { method: 'POST', path: `/api/v1/${path}`, body };
  const { status, text } = await call(url, sent, { keep: true });
  if (status !== 200) throw new Error(`the store answered ${status}: ${text.slice(0, 300)}`);
  const answer = JSON.parse(text) as { data: { result: { metric: Record<string, string> }[] } };
  return answer.data.result;
}
