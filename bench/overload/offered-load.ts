import { connect, type Socket } from 'node:net';

/** Requests at a rate, whatever becomes of the ones before (an open loop), or as fast as answers come. Runs as a process. */
export interface Offer {
  readonly url: string;
  /** The whole message of a request but its number, which stands for `{n}`. */
  readonly message: string;
  /** The first number for `{n}`. */
  readonly from: number;
  /** Requests a second; as fast as `connections` get their answers where it is null. */
  readonly perSecond: number | null;
  readonly connections: number;
  readonly ms: number;
}

/** What became of it. Latencies in ms. */
export interface Outcome {
  readonly sent: number;
  /** Answers of 2xx that came within the time, a second. */
  readonly answeredPerSecond: number;
  /** Of 429 and 503, a second. */
  readonly refusedPerSecond: number;
  /** Answers of any other status, and connections that broke. */
  readonly other: number;
  readonly answeredP50: number;
  readonly answeredP99: number;
  readonly refusedP99: number;
}

/** One kept connection: sends a message and gives the status of the answer once it is whole. */
interface Line {
  send(message: string): Promise<number>;
  close(): void;
}

/** How long what was sent is waited for once no more is sent (ms). */
const patienceMs = 20_000;

async function offer(load: Offer): Promise<Outcome> {
  const { url, perSecond, connections, ms } = load;
  const statuses: { status: number; ms: number; at: number }[] = [];
  const idle: Line[] = [];
  const under = new Set<Promise<void>>();
  let number = load.from;
  let sent = 0;
  const began = performance.now();

  const one = async (given: Line | undefined) => {
    const at = performance.now();
    sent += 1;
    const line = given ?? (await openLine(url));
    const status = await line.send(load.message.replace('{n}', String((number += 1))));
    const now = performance.now();
    statuses.push({ status, ms: now - at, at: now - began });
    if (status !== 0) idle.push(line);
  };
  const start = (work: Promise<void>) => {
    under.add(work);
    void work.finally(() => under.delete(work));
  };
  if (perSecond === null) {
    const line = async () => {
      while (performance.now() - began < ms) await one(idle.pop());
    };
    await Promise.all(Array.from({ length: connections }, line));
  } else {
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const passed = performance.now() - began;
        const due = Math.floor((Math.min(passed, ms) * perSecond) / 1000);
        while (sent < due && under.size < connections) start(one(idle.pop()));
        if (passed < ms) return;
        clearInterval(timer);
        resolve();
      }, 2);
    });
    await Promise.race([
      Promise.all(under),
      new Promise((resolve) => setTimeout(resolve, patienceMs)),
    ]);
  }
  for (const line of idle) line.close();
  return outcomeOf(statuses, { sent, ms });
}

function outcomeOf(
  all: readonly { status: number; ms: number; at: number }[],
  { sent, ms }: { sent: number; ms: number },
): Outcome {
  const of = (statuses: (status: number) => boolean) =>
    all.filter(({ status }) => statuses(status));
  const answered = of((status) => status >= 200 && status < 300);
  const refused = of((status) => status === 429 || status === 503);
  const inTime = (some: readonly { at: number }[]) =>
    (1000 * some.filter(({ at }) => at <= ms).length) / ms;
  const latency = (some: readonly { ms: number }[], share: number) =>
    some.map((one) => one.ms).sort((a, b) => a - b)[Math.floor(share * (some.length - 1))] ?? NaN;
  return {
    sent,
    answeredPerSecond: inTime(answered),
    refusedPerSecond: inTime(refused),
    other: sent - answered.length - refused.length,
    answeredP50: latency(answered, 0.5),
    answeredP99: latency(answered, 0.99),
    refusedP99: latency(refused, 0.99),
  };
}

async function openLine(url: string): Promise<Line> {
  const { hostname, port } = new URL(url);
  const socket: Socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let text = '';
  let done: (status: number) => void = () => undefined;
  socket.setEncoding('latin1');
  socket.on('error', () => undefined);
  socket.on('close', () => done(0));
  socket.on('data', (piece: string) => {
    text += piece;
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end));
    const isWhole =
      length === null ? text.endsWith('\r\n0\r\n\r\n') : text.length >= end + 4 + Number(length[1]);
    if (!isWhole) return;
    const status = Number(text.slice(9, 12));
    text = '';
    done(status);
  });
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve);
    socket.once('close', () => resolve());
  });
  return {
    send: (message) =>
      new Promise((resolve) => {
        done = resolve;
        if (socket.destroyed) resolve(0);
        else socket.write(message);
      }),
    close: () => void socket.destroy(),
  };
}

process.on('message', (load) => {
  void offer(load as Offer).then((outcome) => process.send?.(outcome));
});
