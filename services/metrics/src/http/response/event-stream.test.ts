import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import express, { type Response } from 'express';
import { eventFrame, heartbeatMs, openEventStream, type EventStream } from './event-stream.js';

/** A caller that takes what is written, or nothing at all. */
function fakeResponse({ deaf }: { deaf: boolean }) {
  const taken: string[] = [];
  const response = new Writable({
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, done) {
      taken.push(chunk.toString());
      if (!deaf) done();
    },
  });
  return { response: Object.assign(response, { writeHead: () => response }), taken };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a stream of events', () => {
  let server: Server | undefined;
  let socket: Socket | undefined;
  afterEach(() => {
    jest.useRealTimers();
    socket?.destroy();
    server?.closeAllConnections();
    server?.close();
  });

  /** A stream over a real connection, whose caller reads nothing until it is resumed. */
  async function open(): Promise<{ stream: EventStream; response: Response; socket: Socket }> {
    const app = express();
    const opened = new Promise<{ stream: EventStream; response: Response }>((resolve) => {
      app.get('/', (_request, response) => {
        resolve({ stream: openEventStream(response), response });
      });
    });
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    return { ...(await opened), socket };
  }

  it('sends headers and a comment before there is any event', async () => {
    const { socket } = await open();
    const [head] = (await once(socket, 'data')) as [Buffer];
    expect(head.toString()).toContain('Content-Type: text/event-stream; charset=utf-8\r\n');
    expect(head.toString()).toContain(': connected\n\n');
  });

  it('keeps one frame for a caller that reads nothing, and it is the newest', async () => {
    const { stream, response, socket } = await open();
    const frame = 512 * 1024;
    for (let n = 0; n < 80; n += 1) {
      stream.send(eventFrame('metrics', { n, fill: 'x'.repeat(frame) }));
      await turn();
    }
    // 40 MiB were made; what the kernel did not take is no more than a frame and a bit.
    expect(response.writableLength).toBeLessThan(2 * frame);

    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    while (!text.includes('"n":79')) await once(socket, 'data');
    const numbers = [...text.matchAll(/"n":(\d+)/g)].map(([, n]) => Number(n));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(numbers.length).toBeLessThan(60);
  });

  it('ends with what was sent before, and says when it is over', async () => {
    const { stream, socket } = await open();
    stream.send(eventFrame('metrics', 1));
    stream.end();
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await stream.over;
    await once(socket, 'data').catch(() => undefined);
    expect(text).toContain('event: metrics\nretry: 3000\ndata: 1\n\n');
  });

  it('takes what comes after its end, and after the caller has gone, for nothing', async () => {
    const { stream, response, socket } = await open();
    const failed = jest.fn();
    response.on('error', failed);
    stream.end();
    stream.send(eventFrame('metrics', 'late'));
    socket.destroy();
    await stream.over;
    stream.send(eventFrame('metrics', 'later'));
    stream.end();
    await turn();
    expect(failed).not.toHaveBeenCalled();
  });

  it('is over when the caller hangs up', async () => {
    const { stream, socket } = await open();
    socket.destroy();
    await expect(stream.over).resolves.toBeUndefined();
  });

  it('says every fifteen seconds that it is there', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    const { response, taken } = fakeResponse({ deaf: false });
    openEventStream(response as unknown as Response);
    await turn();
    await jest.advanceTimersByTimeAsync(3 * heartbeatMs);
    await turn();
    expect(taken).toEqual([
      ': connected\n\n',
      ...Array.from({ length: 3 }, () => ': heartbeat\n\n'),
    ]);
    response.destroy();
    await turn();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('hangs up on a caller that takes nothing for a minute', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    const { response } = fakeResponse({ deaf: true });
    openEventStream(response as unknown as Response);
    await jest.advanceTimersByTimeAsync(3 * heartbeatMs);
    expect(response.destroyed).toBe(false);
    await jest.advanceTimersByTimeAsync(heartbeatMs);
    expect(response.destroyed).toBe(true);
  });
});
