import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/** Sends commands to a Redis, past Dapr; resolves to its replies as they are on the wire. */
export async function redisCommands(
  { address, password }: { address: string; password: string },
  ...commands: string[]
): Promise<string> {
  const [host = '', port] = address.split(':');
  const socket = connect({ host, port: Number(port) });
  socket.write([`AUTH ${password}`, ...commands, 'QUIT', ''].join('\r\n'));
  return text(socket);
}

/** Has a Redis refuse every write, as when it is full or has lost its replicas; and take them again. */
export const refusals = {
  full: { begin: 'CONFIG SET maxmemory 1', end: 'CONFIG SET maxmemory 0' },
  'without replicas': {
    begin: 'CONFIG SET min-replicas-to-write 1',
    end: 'CONFIG SET min-replicas-to-write 0',
  },
} as const;
