import { setTimeout as sleep } from 'node:timers/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { listen } from '../../../stack/src/fakes/listen.js';

/** What a store that is unwell does with its answer. */
export const lies = [
  'empty',
  'partial',
  'cut',
  'cut cleanly',
  'slow',
  'html',
  'unavailable',
  'error with 200',
  'no json',
  'refused',
  'hung up',
] as const;
export type Lie = (typeof lies)[number];

/** What was said of a query, or of a selector, in place of the truth. `at` is the service's time, ms; `realAt` ours. */
export interface ToldLie {
  readonly lie: Lie;
  /** Below `/api/v1`. */
  readonly path: string;
  readonly query: string;
  readonly at: number;
  readonly realAt: number;
}

/** Stands in front of a real store, and writes down where it did not say what that said. */
export interface LyingStore extends AsyncDisposable {
  readonly url: string;
  /** What becomes of the next request for what may be lied about; the truth where null. All else is answered truly. */
  next: () => Lie | null;
  readonly told: ToldLie[];
}

export async function startLyingStore(options: {
  target: string;
  clock: () => number;
  isLiedAbout: (path: string, query: string) => boolean;
}): Promise<LyingStore> {
  const { target, clock, isLiedAbout } = options;
  const store: Pick<LyingStore, 'next' | 'told'> = { next: () => null, told: [] };
  const { url, close } = await listen((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const type = request.headers['content-type'];
    const truth = await fetch(`${target}${request.url ?? ''}`, {
      method: request.method ?? 'GET',
      ...(request.method === 'POST' && { body: Buffer.concat(chunks) }),
      ...(type !== undefined && { headers: { 'content-type': type } }),
    });
    const body = await truth.text();
    const [, path = '', inUrl = ''] = /^\/api\/v1([^?]*)\??(.*)$/.exec(request.url ?? '') ?? [];
    const form = new URLSearchParams(inUrl === '' ? Buffer.concat(chunks).toString() : inUrl);
    const query = form.get('query') ?? form.get('match[]') ?? '';
    const lie = isLiedAbout(path, query) ? store.next() : null;
    if (lie !== null) store.told.push({ lie, path, query, at: clock(), realAt: performance.now() });
    await say(lie, response, { status: truth.status, body });
  }
  return Object.assign(store, { url, [Symbol.asyncDispose]: close });
}

async function say(
  lie: Lie | null,
  response: ServerResponse,
  { status, body }: { status: number; body: string },
): Promise<void> {
  const json = { 'content-type': 'application/json' };
  const send = (code: number, text: string, headers: Record<string, string> = json) => {
    response.writeHead(code, headers);
    response.end(text);
  };
  switch (lie) {
    case null:
      send(status, body);
      return;
    case 'slow':
      await sleep(700);
      send(status, body);
      return;
    case 'empty':
      send(status, emptied(body));
      return;
    case 'partial':
      send(status, halved(body));
      return;
    case 'cut':
      response.writeHead(status, { ...json, 'content-length': String(body.length) });
      response.write(body.slice(0, body.length / 2), () => response.destroy());
      return;
    case 'cut cleanly':
      send(status, body.slice(0, body.length / 2));
      return;
    case 'html':
      send(502, '<html><h1>502 Bad Gateway</h1></html>', { 'content-type': 'text/html' });
      return;
    case 'unavailable':
      send(503, '{"status":"error","errorType":"unavailable","error":"not ready"}');
      return;
    case 'error with 200':
      send(200, '{"status":"error","errorType":"internal","error":"store is unwell"}');
      return;
    case 'no json':
      send(200, 'upstream connect error or disconnect/reset before headers');
      return;
    case 'refused':
      send(422, '{"status":"error","errorType":"execution","error":"found duplicate series"}');
      return;
    case 'hung up':
      response.destroy();
  }
}

interface Answer {
  data: unknown[] | { result: unknown[] };
}

/** Well formed, and nothing in it. */
function emptied(body: string): string {
  const answer = JSON.parse(body) as Answer;
  if (Array.isArray(answer.data)) answer.data = [];
  else answer.data.result = [];
  return JSON.stringify(answer);
}

/** A part of it, which says so. */
function halved(body: string): string {
  const answer = JSON.parse(body) as Answer;
  const half = (all: unknown[]) => all.slice(0, Math.floor(all.length / 2));
  if (Array.isArray(answer.data)) answer.data = half(answer.data);
  else answer.data.result = half(answer.data.result);
  return JSON.stringify({ ...answer, warnings: ['one of two stores did not answer'] });
}
