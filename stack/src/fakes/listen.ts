import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that listens. `close` also cuts connections that are still waiting, and may be called twice. */
export interface Listening {
  /** `http://<host>:<port>`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  close: () => Promise<void>;
}

/** Listens on `host` (127.0.0.1) and `port` (0: a free one); rejects when the port is taken. */
export async function listen(
  app: RequestListener,
  { host = '127.0.0.1', port = 0 }: { host?: string; port?: number } = {},
): Promise<Listening> {
  // A client that keeps a connection for longer than the server would meet its end in the middle of a request.
  const server = createServer({ keepAliveTimeout: 120_000 }, app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host}:${address.port}`,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
