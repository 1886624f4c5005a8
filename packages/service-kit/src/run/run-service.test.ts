import { spawnSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { Agent, request, type RequestListener } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { createAuthenticator } from '../auth/authenticator.js';
import { defineRoute } from '../http/route.js';
import { createServiceApp, type ServiceApp } from '../http/service-app.js';
import { memoryLogger, send, until, type LogLine } from '../testing/app.js';
import {
  runService,
  type ProcessPort,
  type RunningService,
  type RunServiceOptions,
} from './run-service.js';

/** A process that is told of signals by emit() and only notes that it was to exit. */
class FakeProcess extends EventEmitter implements ProcessPort {
  exits: number[] = [];
  exitCode: number | undefined = undefined;
  stdout = { write: (_text: string, written: () => void) => void setImmediate(written) };
  exit(code: number): void {
    this.exits.push(code);
  }
}

const running: RunningService[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.stop()));
});

interface Harness {
  app: ServiceApp;
  service: RunningService;
  url: string;
  self: FakeProcess;
  lines: LogLine[];
  stops: string[];
}

function prepare(overrides: Partial<RunServiceOptions> = {}) {
  const { logger, lines } = memoryLogger();
  const self = new FakeProcess();
  const stops: string[] = [];
  const app = createServiceApp({
    name: 'bud-test',
    version: '1.0.0',
    logger,
    registry: new Registry(),
    authenticator: createAuthenticator({ mode: 'off', appId: 'x', trustedAppIds: [] }, { logger }),
    health: { ready: () => Promise.resolve([]), stack: () => Promise.resolve({}) },
    routes: [
      defineRoute({
        method: 'get',
        path: '/slow/{ms}',
        summary: 'Waits',
        object: 'test.slow',
        permission: 'public',
        data: z.null(),
        handler: async ({ params, signal }) => {
          stops.push('request begun');
          await wait(Number(params.ms), undefined, { signal });
          stops.push('request ended');
          return { data: null, message: 'Waited' };
        },
      }),
    ],
  });
  const options = {
    app,
    logger,
    host: '127.0.0.1',
    port: 0,
    stop: () => void stops.push('stop hook'),
    process: self,
    ...overrides,
  };
  return { app, options, self, lines, stops };
}

async function start(overrides: Partial<RunServiceOptions> = {}): Promise<Harness> {
  const { options, ...rest } = prepare(overrides);
  const service = await runService(options);
  running.push(service);
  return { ...rest, service, url: `http://127.0.0.1:${service.port}` };
}

const messages = (lines: LogLine[]) => lines.map(({ message }) => message);

describe('runService', () => {
  it('says on which port it listens and is ready once its start is done', async () => {
    let begun: (value?: unknown) => void = () => undefined;
    const { options, lines } = prepare({
      start: () => new Promise((resolve) => (begun = () => resolve())),
    });
    const promised = runService(options);
    await until(() => messages(lines).includes('listening'));
    const line = lines.find(({ message }) => message === 'listening');
    const url = `http://127.0.0.1:${String(line?.['port'])}`;

    const early = await send(url, '/ready');
    begun();
    running.push(await promised);
    const later = await send(url, '/ready');

    expect(line).toMatchObject({ level: 'info', host: '127.0.0.1', port: running[0]!.port });
    expect([early.status, later.status]).toEqual([503, 200]);
  });

  it('switches the log level on SIGUSR2', async () => {
    const { logger, lines } = memoryLogger();
    const { self } = await start({ logger: { ...logger, toggleDebug: () => 'debug' } });
    self.emit('SIGUSR2');
    expect(lines).toContainEqual(
      expect.objectContaining({ message: 'log level changed', level: 'warn' }),
    );
  });

  it.each(['SIGTERM', 'SIGINT'])('on %s ends what is in flight, then stops', async (signal) => {
    const { url, self, lines, stops, app } = await start();
    const inFlight = send(url, '/slow/150');
    await until(() => stops.includes('request begun'));

    self.emit(signal, signal);

    expect(app.lifecycle.state).toBe('stopping');
    expect(app.lifecycle.stopping.aborted).toBe(true);
    await expect(send(url, '/health')).rejects.toThrow('ECONNREFUSED');
    expect((await inFlight).status).toBe(200);
    await until(() => messages(lines).includes('stopped'));
    expect(stops).toEqual(['request begun', 'request ended', 'stop hook']);
    expect([self.exitCode, self.exits]).toEqual([0, []]);
    expect(self.eventNames()).toEqual([]);
  });

  it('ends connections that are kept alive', async () => {
    const { url, self, lines, stops } = await start();
    const agent = new Agent({ keepAlive: true });
    const get = async (path: string) => {
      const outgoing = request(`${url}${path}`, { agent }).end();
      const [response] = (await once(outgoing, 'response')) as [NodeJS.ReadableStream];
      response.resume();
      await once(response, 'end');
    };
    await get('/health'); // stays open, idle
    const busy = get('/slow/100'); // becomes idle while stopping
    await until(() => stops.includes('request begun'));
    const startedAt = performance.now();

    self.emit('SIGTERM', 'SIGTERM');
    await busy;
    await until(() => messages(lines).includes('stopped'));

    expect(performance.now() - startedAt).toBeLessThan(2000);
    expect(messages(lines)).not.toContain('connections cut off at shutdown');
    agent.destroy();
  });

  it('hands Express messages that are its own already', async () => {
    const { app, url } = await start();
    const given: unknown[] = [];
    const { handle } = app as unknown as { handle: RequestListener };
    const note: RequestListener = (request, response) => {
      given.push(Object.getPrototypeOf(request), Object.getPrototypeOf(response));
      handle.call(app, request, response);
    };
    Object.assign(app, { handle: note });

    const { status } = await send(url, '/ready');

    expect(status).toBe(200);
    expect([given[0] === app.request, given[1] === app.response]).toEqual([true, true]);
  });

  it('cuts off what does not end in time', async () => {
    const { url, self, lines, stops } = await start({ drainMs: 50 });
    const call = send(url, '/slow/2000');
    await until(() => stops.includes('request begun'));

    self.emit('SIGTERM', 'SIGTERM');

    await expect(call).rejects.toThrow('socket hang up');
    await until(() => messages(lines).includes('stopped'));
    expect(stops).toEqual(['request begun', 'stop hook']);
    expect(lines).toContainEqual(
      expect.objectContaining({ message: 'connections cut off at shutdown', connections: 1 }),
    );
  });

  it('ends at once on a second signal', async () => {
    const { url, self, stops } = await start();
    const call = send(url, '/slow/200');
    await until(() => stops.includes('request begun'));

    self.emit('SIGTERM', 'SIGTERM');
    expect(self.exits).toEqual([]);
    self.emit('SIGINT', 'SIGINT');

    expect(self.exits).toEqual([1]);
    await call;
  });

  it.each(['uncaughtException', 'unhandledRejection'])(
    'logs an %s and exits with 1',
    async (event) => {
      const { self, lines } = await start();

      self.emit(event, new Error('nobody caught me'));
      await until(() => self.exits.length > 0);

      expect(self.exits).toEqual([1]);
      expect(lines.at(-1)).toMatchObject({
        level: 'error',
        error: { message: 'nobody caught me' },
      });
    },
  );

  it('is stopped with exit code 1 when its stop hook fails', async () => {
    const { service, self, lines } = await start({
      stop: () => Promise.reject(new Error('stuck')),
    });

    await service.stop();

    expect(self.exitCode).toBe(1);
    expect(lines).toContainEqual(
      expect.objectContaining({
        message: 'stop failed',
        error: expect.objectContaining({ message: 'stuck' }),
      }),
    );
    expect(messages(lines).at(-1)).toBe('stopped');
  });

  it('stops once, however often it is asked', async () => {
    const { service, stops } = await start();

    await Promise.all([service.stop(), service.stop()]);

    expect(stops).toEqual(['stop hook']);
  });

  it('rejects, all stopped, when its start fails', async () => {
    const { options, self, stops, lines } = prepare({
      start: () => Promise.reject(new Error('no store')),
    });

    await expect(runService(options)).rejects.toThrow('no store');

    expect(stops).toEqual(['stop hook']);
    expect(self.exitCode).toBe(1);
    expect(self.eventNames()).toEqual([]);
    expect(lines.find(({ level }) => level === 'error')).toMatchObject({ message: 'start failed' });
  });

  it('rejects when the port is taken', async () => {
    const first = await start();
    const { options, self, stops } = prepare({ port: first.service.port });

    await expect(runService(options)).rejects.toThrow('EADDRINUSE');

    expect(stops).toEqual(['stop hook']);
    expect(self.exitCode).toBe(1);
  });

  it.each([
    ['no HTTP', 'HELLO\r\n\r\n', 'This is no valid HTTP'],
    [
      'headers too large',
      `GET / HTTP/1.1\r\nX: ${'x'.repeat(200_000)}\r\n\r\n`,
      'The headers are too large',
    ],
    ['no Host', 'GET /health HTTP/1.1\r\n\r\n', 'The Host header is missing'],
  ])('answers %s in the envelope too', async (_what, text, message) => {
    const { service } = await start();
    const socket = connect(service.port, '127.0.0.1').setEncoding('utf8');
    socket.write(text);

    let answer = '';
    for await (const chunk of socket) answer += String(chunk);

    const [head, body] = answer.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(body!)).toMatchObject({ object: 'error', code: 400, message });
  });

  it('does not read on for ever after it has refused', async () => {
    const { service } = await start();
    const open = { port: service.port, host: '127.0.0.1', allowHalfOpen: true };
    const socket = connect(open).resume();
    const closed = new Promise((resolve) =>
      socket.on('error', () => undefined).on('close', resolve),
    );
    const sending = setInterval(() => socket.write('x'.repeat(100_000)), 50);
    await closed;
    clearInterval(sending);
    expect(socket.writableEnded).toBe(false);
  });
});

it.each([
  ['without a Host, as HTTP/1.0 may be', 'GET /health HTTP/1.0\r\n\r\n'],
  [
    'with whatever it expects',
    'GET /health HTTP/1.1\r\nHost: x\r\nExpect: more\r\nConnection: close\r\n\r\n',
  ],
])('answers a request %s', async (_what, text) => {
  const { service } = await start();
  const socket = connect(service.port, '127.0.0.1').setEncoding('utf8');
  socket.write(text);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
});

/** Prints how many of 800 connections are open once all are, or after 2 s. */
const crowd = `
  let open = 0;
  const tell = () => { console.log(open); process.exit(); };
  setTimeout(tell, 2000);
  for (let n = 0; n < 800; n += 1)
    require('node:net').connect(process.argv[1], '127.0.0.1', () => { if (++open === 800) tell(); });
`;

it('lets a crowd connect while it is busy', async () => {
  const { service } = await start();

  // Nothing is accepted meanwhile: this process waits for the other.
  const args = ['-e', crowd, String(service.port)];
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 10_000 });

  expect(stdout.trim()).toBe('800');
});
