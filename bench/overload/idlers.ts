import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Identity } from '@bud-monitoring/stack';
import type { Rows } from '../rows.js';

interface Target {
  readonly gateway: string;
  readonly identity: Identity;
  readonly cluster: string;
}

/** What one token can keep others from, at the gateway: a thousand streams, and requests that are sent by halves. */
export async function measureIdlers(rows: Rows, target: Target): Promise<void> {
  const { identity, cluster } = target;
  const tokenOf = (subject: string) =>
    identity.mintToken({ permissions: ['cluster:view'], subject });
  const [greedy, modest] = await Promise.all([tokenOf('greedy'), tokenOf('modest')]);
  const head = (method: string, path: string) =>
    `${method} /api/clusters/${cluster}/${path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ${greedy}\r\n`;
  const idlers: readonly (readonly [string, number, string])[] = [
    ['1,000 streams', 1000, `${head('GET', 'metrics/stream')}Accept: text/event-stream\r\n\r\n`],
    ['2,000 requests without the end of their head', 2000, head('GET', 'metrics')],
    [
      '2,000 requests without the end of their body',
      2000,
      `${head('POST', 'prometheus/api/v1/query')}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 99\r\n\r\nquery=`,
    ],
  ];
  const quiet = await slowest(target, modest);
  for (const [what, count, message] of idlers) {
    const sockets = await Promise.all(
      Array.from({ length: count }, () => open(target.gateway, message)),
    );
    await sleep(2000); // it is their being there that is measured, not their coming
    const others = await slowest(target, modest);
    for (const socket of sockets) socket.destroy();
    rows.add(
      `${what} of one token: another's answer through the gateway, slowest of 20`,
      `${others} (without them ${quiet})`,
      'answered as without them',
    );
  }
}

function open(url: string, message: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => undefined).resume();
  return new Promise((resolve) => {
    socket.once('connect', () => {
      socket.write(message);
      resolve(socket);
    });
    socket.once('close', () => resolve(socket));
  });
}

async function slowest({ gateway, cluster }: Target, token: string): Promise<string> {
  let ms = 0;
  for (let turn = 0; turn < 20; turn += 1) {
    const began = performance.now();
    const response = await fetch(`${gateway}/api/clusters/${cluster}/alert-thresholds`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await response.text();
    if (response.status !== 200) return `status ${response.status}`;
    ms = Math.max(ms, performance.now() - began);
  }
  return `${ms.toFixed(0)} ms`;
}
