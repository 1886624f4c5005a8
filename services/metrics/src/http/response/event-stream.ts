import type { Response } from 'express';

/** How often a comment is sent on a stream without events (ms). */
export const heartbeatMs = 15_000;
/** Heartbeats after which a client that does not read is disconnected. */
const maxMissedHeartbeats = 4;

/** A stream of server-sent events to one caller. */
export interface EventStream {
  /** Sends a frame; a slow client gets the newest one once it has read the one before. */
  send(bytes: Buffer): void;
  /** Ends the response; what was sent before still arrives. */
  end(): void;
  /** Resolves when the stream has ended, from either side. */
  readonly over: Promise<void>;
}

/** Begins the response: headers and a first comment are sent at once. */
export function openEventStream(response: Response): EventStream {
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    // Proxies would buffer the response otherwise.
    'X-Accel-Buffering': 'no',
  });
  let waiting = !response.write(': connected\n\n');
  /** Only the newest is kept, however slow the client is. */
  let next: Buffer | null = null;
  let missed = 0;

  const isOpen = () => !response.writableEnded && !response.destroyed;
  const write = (bytes: Buffer | string) => {
    // Between its end and its closing nothing may be written.
    if (isOpen()) waiting = !response.write(bytes);
  };
  response.on('drain', () => {
    waiting = false;
    missed = 0;
    if (next === null) return;
    const bytes = next;
    next = null;
    write(bytes);
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
    send(bytes) {
      if (waiting) next = bytes;
      else write(bytes);
    },
    end() {
      if (next !== null) write(next);
      next = null;
      response.end();
    },
  };
}

/** One event; the data is JSON, which has no line breaks. */
export function eventFrame(event: string, data: unknown): Buffer {
  return Buffer.from(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
