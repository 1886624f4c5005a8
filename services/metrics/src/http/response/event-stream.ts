import type { Response } from 'express';

/** How often a comment is sent on a stream without events (ms). */
export const heartbeatMs = 15_000;
/** Heartbeats after which a client that does not read is disconnected. */
const maxMissedHeartbeats = 4;

/** A stream of server-sent events to one caller. */
export interface EventStream {
  /** Sends a frame; a slow client gets the newest one of each subject once it has read those before. */
  send(bytes: Buffer, subject?: string): void;
  /** Ends the response; what was sent before still arrives. */
  end(): void;
  /** Resolves when the stream has ended, from either side. */
  readonly over: Promise<void>;
}

/** Begins the response: headers and a first comment are sent at once. */
export function openEventStream(response: Response): EventStream {
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    // Proxies would buffer or compress the response otherwise.
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
  });
  let waiting = !response.write(': connected\n\n');
  /** Only the newest of each subject is kept, however slow the client is. */
  const next = new Map<string, Buffer>();
  let missed = 0;

  const isWaiting = () => waiting;
  const isOpen = () => !response.writableEnded && !response.destroyed;
  const write = (bytes: Buffer | string) => {
    // Between its end and its closing nothing may be written.
    if (isOpen()) waiting = !response.write(bytes);
  };
  response.on('drain', () => {
    waiting = false;
    missed = 0;
    for (const [subject, bytes] of next) {
      if (isWaiting()) return;
      next.delete(subject);
      write(bytes);
    }
  });
  const heartbeat = setInterval(() => {
    if (!waiting) write(': heartbeat\n\n');
    else if (++missed >= maxMissedHeartbeats) response.destroy();
  }, heartbeatMs);
  const over = new Promise<void>((resolve) => {
    response.once('close', () => {
      clearInterval(heartbeat);
      resolve();
    });
  });
  return {
    over,
    send(bytes, subject = '') {
      if (waiting) next.set(subject, bytes);
      else write(bytes);
    },
    end() {
      for (const bytes of next.values()) write(bytes);
      next.clear();
      response.end();
    },
  };
}

/** How long a client waits before it connects again, ms. */
const retryMs = 3000;

/** One event; the data is JSON, which has no line breaks. With an id a client that comes back says what it has. */
export function eventFrame(event: string, data: unknown, id?: string): Buffer {
  const head = `event: ${event}\nretry: ${retryMs}\n${id === undefined ? '' : `id: ${id}\n`}`;
  return Buffer.from(`${head}data: ${JSON.stringify(data)}\n\n`);
}
