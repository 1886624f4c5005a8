import type { IncomingMessage, ServerResponse } from 'node:http';
import { listen } from '../../../stack/src/fakes/listen.js';

/** Stands between a service and its sidecar, and can be fatal at the worst moment. */
export interface FatalProxy extends AsyncDisposable {
  readonly url: string;
  /** The sidecar; until it is set, every call fails. */
  target: string | undefined;
  /** Publications that the sidecar has taken. */
  published: number;
  /**
   * Called after the sidecar has taken a publication and before the service is told. When it
   * resolves to true the service is never told.
   */
  onPublished: () => Promise<boolean>;
}

export async function startFatalProxy(): Promise<FatalProxy> {
  const proxy = {
    target: undefined as string | undefined,
    published: 0,
    onPublished: () => Promise.resolve(false),
  };
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (proxy.target === undefined) return response.writeHead(503).end();
    const headers = { ...request.headers } as Record<string, string>;
    for (const name of ['host', 'connection', 'content-length', 'transfer-encoding'])
      Reflect.deleteProperty(headers, name);
    const answer = await fetch(`${proxy.target}${request.url ?? ''}`, {
      method: request.method ?? 'GET',
      headers,
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    if ((request.url ?? '').startsWith('/v1.0/publish/') && answer.ok) {
      proxy.published += 1;
      if (await proxy.onPublished()) return request.socket.destroy();
    }
    const kept = ['content-type', 'etag'].flatMap((name) => {
      const value = answer.headers.get(name);
      return value === null ? [] : [[name, value] as const];
    });
    return response.writeHead(answer.status, Object.fromEntries(kept)).end(body);
  };
  const { url, close } = await listen((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  return Object.assign(proxy, { url, [Symbol.asyncDispose]: close });
}
