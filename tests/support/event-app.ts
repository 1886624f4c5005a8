import express from 'express';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** One event as a sidecar delivered it. */
export interface Delivery {
  path: string;
  headers: IncomingHttpHeaders;
  /** The CloudEvent, or what came instead of one. */
  body: unknown;
}

/** What the app says to a delivery: Dapr's own words, or an HTTP status. */
export type Verdict = 'SUCCESS' | 'RETRY' | 'DROP' | number;

/** A small app that keeps what it is delivered and answers as it is told. */
export interface EventApp {
  deliveries: Delivery[];
  /** Listens on the port, which it keeps over `close` and the next `listen`. */
  listen(port: number): Promise<void>;
  close(): Promise<void>;
  /** Deliveries to this path, as soon as there are `count`. Throws after `timeoutMs`. */
  received(path: string, count: number, timeoutMs?: number): Promise<Delivery[]>;
  /**
   * The clusters that events told of, each once however often its event came, as soon as there
   * are `count`; those that came until `timeoutMs` where there are fewer.
   */
  clusters(count: number, timeoutMs: number): Promise<Set<string | undefined>>;
}

/** The cluster that a CloudEvent tells of. */
export const clusterOf = ({ body }: Delivery) =>
  (body as { data?: { cluster_id?: string } }).data?.cluster_id;

/** `decide` may take its time; the app answers when it is done. */
export function createEventApp(
  decide: (delivery: Delivery) => Verdict | Promise<Verdict> = () => 'SUCCESS',
): EventApp {
  const deliveries: Delivery[] = [];
  let server: Server | undefined;
  const app = express();
  app.get('/dapr/subscribe', (_req, res) => void res.json([])); // components/ subscribes
  app.use(express.json({ type: () => true, strict: false }));
  app.post('/events/:topic', async (req, res) => {
    const delivery = { path: req.path, headers: req.headers, body: req.body as unknown };
    deliveries.push(delivery);
    const verdict = await decide(delivery);
    if (typeof verdict === 'number') res.status(verdict).end();
    else res.json({ status: verdict });
  });

  return {
    deliveries,
    async listen(port) {
      const listening = createServer(app);
      server = listening;
      await new Promise<void>((resolve) => listening.listen(port, '127.0.0.1', resolve));
    },
    async close() {
      const closing = server;
      server = undefined;
      if (!closing) return;
      const closed = new Promise((resolve) => closing.close(resolve));
      closing.closeAllConnections();
      await closed;
    },
    async received(path, count, timeoutMs = 10_000) {
      const found = () => deliveries.filter((delivery) => delivery.path === path);
      if (await within(timeoutMs, () => found().length >= count)) return found();
      throw new Error(
        `${path} was called ${found().length} times in ${timeoutMs} ms, not ${count}`,
      );
    },
    async clusters(count, timeoutMs) {
      const found = () => new Set(deliveries.map(clusterOf));
      await within(timeoutMs, () => found().size >= count);
      return found();
    },
  };
}

/** Whether it came to hold in that time. */
async function within(timeoutMs: number, holds: () => boolean): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}
