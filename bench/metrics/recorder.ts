import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Sent } from './bare-client.js';

/** Stands in front of a store and writes down what it is asked. */
export interface Recorder {
  readonly url: string;
  /** Where it sends requests on to. */
  target: string;
  /** What was asked since the last time. */
  take(): Sent[];
  close(): Promise<void>;
}

export async function startRecorder(): Promise<Recorder> {
  let sent: Sent[] = [];
  const recorder = { target: '' };
  const server = createServer((incoming, response) => {
    const { method = 'GET', url = '/', headers } = incoming;
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      sent.push({ method, path: url, body: body.toString() });
      const onwards = request(new URL(url, recorder.target), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onwards.on('error', () => response.destroy());
      onwards.end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(recorder, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = sent;
      sent = [];
      return taken;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}
