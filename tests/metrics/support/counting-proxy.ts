import type { IncomingMessage } from 'node:http';
import { listen } from '../../../stack/src/fakes/listen.js';

export interface CountingProxy extends AsyncDisposable {
  readonly url: string;
  /** Paths of the requests that came, in order. */
  readonly requests: string[];
  /** The parameters of each, of a GET and of a form alike. */
  readonly forms: URLSearchParams[];
  /** How many hung up before they were answered. */
  left: number;
  /** Answers 422 to requests for which this is true. */
  refuse: (path: string, body: string) => boolean;
  /** Hangs up on whoever asks, as a store that is away. */
  away: boolean;
  /** Awaited before a request is sent on. */
  wait: () => Promise<void>;
}

/** Stands in front of a Prometheus and counts what it is asked. */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const proxy: Omit<CountingProxy, 'url' | typeof Symbol.asyncDispose> = {
    ...{
      requests: [],
      forms: [],
      left: 0,
      refuse: () => false,
      away: false,
      wait: () => Promise.resolve(),
    },
  };
  const { url, close } = await listen((request, response) => {
    response.once('close', () => {
      if (!response.writableFinished) proxy.left += 1;
    });
    void (async () => {
      const body = await textOf(request);
      const [path = '', query] = (request.url ?? '').split('?');
      proxy.requests.push(path);
      proxy.forms.push(new URLSearchParams(query ?? body));
      if (proxy.away) {
        response.destroy();
        return;
      }
      if (proxy.refuse(path, body)) {
        response.writeHead(422, { 'content-type': 'application/json' });
        response.end('{"status":"error","errorType":"execution","error":"refused by the test"}');
        return;
      }
      await proxy.wait();
      const type = request.headers['content-type'];
      const answer = await fetch(`${target}${request.url ?? ''}`, {
        method: request.method ?? 'GET',
        ...(request.method === 'POST' && { body }),
        ...(type !== undefined && { headers: { 'content-type': type } }),
      });
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(Buffer.from(await answer.arrayBuffer()));
    })();
  });
  return Object.assign(proxy, { url, [Symbol.asyncDispose]: close });
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk as string;
  return text;
}
