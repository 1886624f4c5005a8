import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startStack, type Stack } from '@bud-monitoring/stack';
import { createEchoApp } from '../support/echo-app.js';
import { rawRequest } from '../support/raw-request.js';

const metrics = createEchoApp('bud-metrics');
let stack: Stack;
let origin: string;

beforeAll(async () => {
  const limits = { requestsPerAddress: 30, requestsPerToken: 4, streamsPerToken: 2 };
  stack = await startStack({ apps: [metrics], gateway: { limits } });
  origin = stack.gateway!.url;
}, 60_000);
afterAll(() => stack.stop());

/** Tokens as long as real ones: their beginnings are alike, and their ends differ. */
const tokenOf = (who: string) => `${'eyJhbGciOiJSUzI1NiJ9'.repeat(40)}.${who.repeat(20)}`;
const as = (who: string) => ({ headers: { authorization: `Bearer ${tokenOf(who)}` } });

describe('what one token has under way at the gateway', () => {
  it('is limited, and nobody else waits for it', async () => {
    let finish: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (finish = resolve));
    metrics.answer = (_request, response) => {
      void held.then(() => response.end('{}'));
    };
    const greedy = Array.from({ length: 12 }, () =>
      rawRequest(origin, '/api/clusters', as('greedy')),
    );
    const early = await Promise.race(greedy);
    expect(early.status).toBe(429);
    expect(early.headers['retry-after']).toBe('1');
    expect(JSON.parse(early.body)).toMatchObject({ type: 'TooManyRequestsError', code: 429 });
    // All of them have arrived once as many are refused as do not fit.
    let refused = 0;
    for (const one of greedy) void one.then(({ status }) => (refused += Number(status === 429)));
    while (refused < 8) await sleep(5);
    const other = rawRequest(origin, '/api/clusters', as('modest'));
    finish();
    expect((await other).status).toBe(200);
    const statuses = (await Promise.all(greedy)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(4);
    metrics.answer = undefined;
  });
});

describe('a request that is sent by halves', () => {
  it('stops nobody, and is given up', async () => {
    const { hostname, port } = new URL(origin);
    const sockets = await Promise.all(
      Array.from({ length: 300 }, async () => {
        const socket = connect({ host: hostname, port: Number(port) }).on('error', () => undefined);
        await new Promise((resolve) => socket.once('connect', resolve));
        socket.write('GET /api/clusters HTTP/1.1\r\nHost: x\r\n');
        return socket;
      }),
    );
    try {
      expect((await rawRequest(origin, '/api/clusters', as('modest'))).status).toBe(200);
      await closed(sockets[0]!);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  }, 60_000);
});

const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve).resume());
