import { connect, type Socket } from 'node:net';

/** Bare HTTP/1.1 over kept connections: the client must not be what is measured. Runs as a process. */

/** Where requests go, and what each is; `{n}` in the form becomes a number of its own. */
export interface Target {
  readonly url: string;
  readonly path: string;
  readonly form: string;
  readonly token?: string;
}

export interface Load {
  readonly target: Target;
  readonly connections: number;
  readonly ms: number;
  /** The first number for `{n}`. */
  readonly from: number;
}

/** What came of it; latencies in ms. */
export interface Measured {
  readonly count: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

async function run({ target, connections, ms, from }: Load): Promise<Measured> {
  let next = from;
  const latencies: number[] = [];
  const began = performance.now();
  const line = async () => {
    const open = await openLine(target);
    while (performance.now() - began < ms) {
      const sent = performance.now();
      await open.send(String((next += 1)));
      latencies.push(performance.now() - sent);
    }
    open.close();
  };
  await Promise.all(Array.from({ length: connections }, line));
  const seconds = (performance.now() - began) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(share * (latencies.length - 1))] ?? NaN;
  const count = latencies.length;
  return { count, perSecond: count / seconds, p50: at(0.5), p99: at(0.99) };
}

async function openLine({ url, path, form, token }: Target) {
  const { hostname, port, host } = new URL(url);
  const socket: Socket = connect({ host: hostname, port: Number(port), noDelay: true });
  const head =
    `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\n` +
    (token === undefined ? '' : `Authorization: Bearer ${token}\r\n`);
  let text = '';
  let done: () => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  socket.setEncoding('latin1');
  socket.on('error', (error) => fail(error));
  socket.on('data', (piece: string) => {
    text += piece;
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end));
    const isWhole =
      length === null ? text.endsWith('\r\n0\r\n\r\n') : text.length >= end + 4 + Number(length[1]);
    if (!isWhole) return;
    if (text.startsWith('HTTP/1.1 200 ') && text.includes('"result":[{')) done();
    else fail(new Error(`not what was asked for: ${text}`));
    text = '';
  });
  await new Promise<void>((resolve, reject) => {
    fail = reject;
    socket.once('connect', resolve);
  });
  return {
    send(number: string): Promise<void> {
      const body = form.replace('{n}', number);
      return new Promise((resolve, reject) => {
        [done, fail] = [resolve, reject];
        socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
      });
    },
    close: () => void socket.destroy(),
  };
}

process.on('message', (load) => {
  void run(load as Load).then(
    (measured) => process.send?.(measured),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
