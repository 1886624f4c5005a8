import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/** What Redis must be set to, so that it keeps what it has acknowledged. */
const required = {
  'maxmemory-policy': 'noeviction',
  appendonly: 'yes',
  appendfsync: 'always',
} as const;

const TIMEOUT_MS = 5000;

/**
 * Sentences about settings with which a Redis loses what it acknowledged; none if it keeps it. One about
 * a Redis that does not tell its settings (managed ones often do not). Rejects if it cannot be reached.
 */
export async function durabilityWarnings(redis: {
  /** `host:port` */
  address: string;
  password: string;
}): Promise<string[]> {
  const replies = await ask(redis);
  const found = Object.entries(required).map(([setting, wanted]) => {
    const value = new RegExp(`\\$\\d+\\r\\n${setting}\\r\\n\\$\\d+\\r\\n([^\\r]*)`).exec(
      replies,
    )?.[1];
    if (value === wanted) return [];
    if (value === undefined) return [`${setting} cannot be read; it must be ${wanted}`];
    return [`${setting} is ${value}; it must be ${wanted}, or Redis loses what it acknowledged`];
  });
  return found.flat().map((problem) => `Redis at ${redis.address}: ${problem}`);
}

async function ask({ address, password }: { address: string; password: string }): Promise<string> {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(address) ?? [];
  const socket = connect({ host, port: Number(port), signal: AbortSignal.timeout(TIMEOUT_MS) });
  const commands = [
    ...(password === '' ? [] : [['AUTH', password]]),
    ...Object.keys(required).map((setting) => ['CONFIG', 'GET', setting]),
    ['QUIT'],
  ];
  for (const words of commands) {
    const bulk = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('');
    socket.write(`*${words.length}\r\n${bulk}`);
  }
  return text(socket);
}
