import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Server, StartServer } from './server.js';

/** A Redis that forgets nothing it has acknowledged. */
export interface RedisServer extends Server {
  /** `host:port`, as Dapr's components want it. */
  address: string;
  password: string;
}

/** Arguments that make Redis keep what it accepted. */
function redisSettings(options: { port: number; directory: string; password: string }): string {
  return [
    'bind 127.0.0.1',
    `port ${options.port}`,
    `dir ${options.directory}`,
    `requirepass ${options.password}`,
    'appendonly yes',
    'appendfsync always',
    'maxmemory-policy noeviction',
    'save ""',
    'daemonize no',
    '',
  ].join('\n');
}

/** redis-server on 127.0.0.1 with its own directory; the password stands in a file, not in `ps`. */
export async function startRedis(options: {
  start: StartServer;
  /** Where its own directory goes. */
  directory: string;
  program: string;
  /** What it is a part of; a program of this machine unless told. */
  image?: string | undefined;
  port: number;
  password: string;
}): Promise<RedisServer> {
  const { program, image, port, password } = options;
  const directory = join(options.directory, `redis-${port}`);
  await mkdir(directory, { mode: 0o700 });
  const file = join(directory, 'redis.conf');
  await writeFile(file, redisSettings({ port, directory, password }), { mode: 0o600 });
  const server = await options.start({
    process: { name: 'redis', command: [program, file], cwd: directory, image },
    probe: (signal) => redisAnswers(port, password, signal),
    readyTimeoutMs: 30_000,
  });
  return { ...server, address: `127.0.0.1:${port}`, password };
}

/** Whether Redis answers PING, loading of its data done. */
function redisAnswers(port: number, password: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, signal });
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(`AUTH ${password}\r\nPING\r\n`));
    socket.on('data', (chunk: string) => {
      answer += chunk;
      if (answer.split('\r\n').length > 2) socket.destroy();
    });
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(answer.includes('+PONG')));
  });
}
