import { connect } from 'node:net';

const headEnd = Buffer.from('\r\n\r\n');

/**
 * Requests a second of one path over some connections, each asking again as soon as it was answered.
 * Bare sockets that count bytes: the client must cost less than what it measures.
 */
export async function throughput(
  url: string,
  path: string,
  options: { headers?: Record<string, string>; connections: number; ms: number },
): Promise<number> {
  const { host, hostname, port } = new URL(url);
  const headers = Object.entries({ host, ...options.headers });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const message = Buffer.from(`GET ${path} HTTP/1.1\r\n${lines}\r\n`);
  const until = performance.now() + options.ms;
  let answered = 0;

  const one = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port) });
      let head = Buffer.alloc(0);
      let left = -1;
      socket.setNoDelay(true);
      socket.on('connect', () => socket.write(message));
      socket.on('error', reject);
      socket.on('data', (chunk) => {
        if (left < 0) {
          head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
          const end = head.indexOf(headEnd);
          if (end < 0) return;
          const text = head.toString('latin1', 0, end);
          if (!text.startsWith('HTTP/1.1 200')) return void socket.destroy(new Error(text));
          left = Number(/content-length: (\d+)/i.exec(text)?.[1]) - (head.length - end - 4);
          head = Buffer.alloc(0);
        } else left -= chunk.length;
        if (left > 0) return;
        left = -1;
        answered += 1;
        if (performance.now() < until) socket.write(message);
        else socket.end();
      });
      socket.on('close', () => resolve());
    });
  const began = performance.now();
  await Promise.all(Array.from({ length: options.connections }, one));
  return (1000 * answered) / (performance.now() - began);
}
