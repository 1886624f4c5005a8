import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';

/** A request as the app saw it. */
export interface SeenRequest {
  app: string;
  method: string;
  /** Path and query, undecoded. */
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Keeps what it is asked and, unless told otherwise, answers 200 as one of our services would. */
export interface EchoApp {
  appId: string;
  seen: SeenRequest[];
  /** Replaces the answer of the app. */
  answer: ((request: SeenRequest, response: ServerResponse) => void) | undefined;
  start(context: { port: number }): Promise<EchoApp>;
  close(): Promise<void>;
}

/** daprd's own questions at start are answered and not kept. */
export function createEchoApp(appId: string): EchoApp {
  let server: Server | undefined;
  const echo: EchoApp = {
    appId,
    seen: [],
    answer: undefined,
    async start({ port }) {
      const listening = createServer({ maxHeaderSize: 96 * 1024 }, (request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          const { method = '', url = '', headers } = request;
          if (url === '/dapr/config' && !headers['dapr-caller-app-id'])
            return void response.end('{}');
          if (url === '/dapr/subscribe' && !headers['dapr-caller-app-id']) {
            return void response.end('[]');
          }
          const body = Buffer.concat(chunks).toString();
          const seen = { app: appId, method, url, headers, body };
          echo.seen.push(seen);
          response.setHeader('x-request-id', String(headers['x-request-id']));
          response.setHeader('content-type', 'application/json');
          if (echo.answer) echo.answer(seen, response);
          else response.end(JSON.stringify({ object: 'echo', data: seen }));
        });
      });
      server = listening;
      await new Promise<void>((resolve) => listening.listen(port, '127.0.0.1', resolve));
      return echo;
    },
    async close() {
      const closing = server;
      server = undefined;
      if (!closing) return;
      const closed = new Promise((resolve) => closing.close(resolve));
      closing.closeAllConnections();
      await closed;
    },
  };
  return echo;
}
