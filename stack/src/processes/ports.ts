import { createServer, type Server } from 'node:net';

const FIRST_PORT = 20_000; // below the range from which systems take ports of outgoing connections
const BLOCK_SIZE = 64;
const BLOCKS = 190;
const HOST = '127.0.0.1';

/** A run of ports on 127.0.0.1 that no other stack on this machine hands out. */
export interface PortBlock {
  /** The next port of the block that nothing listens on. Throws when the block is used up. */
  next(): Promise<number>;
  release(): Promise<void>;
}

/**
 * Takes a block of ports for as long as this process lives. The block's first port is listened on
 * and so serves as a lock that the system gives back even when the holder is killed.
 */
export async function reservePorts(): Promise<PortBlock> {
  const start = Math.floor(Math.random() * BLOCKS);
  for (let tried = 0; tried < BLOCKS; tried += 1) {
    const first = FIRST_PORT + ((start + tried) % BLOCKS) * BLOCK_SIZE;
    const lock = await listen(first);
    if (lock) return blockOf(first, lock);
  }
  throw new Error('no block of 64 free ports between 20000 and 32159 on 127.0.0.1');
}

/** Whether nothing listens on this port of 127.0.0.1. */
export async function isFree(port: number): Promise<boolean> {
  const server = await listen(port);
  if (server) await close(server);
  return server !== null;
}

function blockOf(first: number, lock: Server): PortBlock {
  let used = 0;
  lock.unref();
  return {
    async next() {
      while (used < BLOCK_SIZE - 1) {
        const port = first + (used += 1); // taken before the wait: others ask at the same time
        if (await isFree(port)) return port;
      }
      throw new Error('all 63 ports of this stack are in use');
    },
    release: () => close(lock),
  };
}

function listen(port: number): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(null);
      else reject(error);
    });
    server.listen({ port, host: HOST, exclusive: true }, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
