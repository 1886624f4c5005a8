import { connect, type Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';

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
  /** What is sent before is not counted. */
  readonly warmUpMs: number;
  /** How long it lasts after that. */
  readonly ms: number;
}

/** What became of it. Latencies in ms. */
export interface Outcome {
  readonly sent: number;
  /** All answers of 2xx. */
  readonly answered: number;
  /** Answers of 2xx that came within the time, a second. */
  readonly answeredPerSecond: number;
  /** Of 429 and 503, a second. */
  readonly refusedPerSecond: number;
  /** Answers of any other status, and connections that broke. */
  readonly other: number;
  readonly answeredP50: number;
  readonly answeredP99: number;
  /** null where there were none. */
  readonly refusedP99: number | null;
  /** How late the client itself was, at its p99. */
  readonly clientP99: number;
}

/** One kept connection: sends a message and gives the status of the answer once it is whole. */
interface Line {
  send(message: string): Promise<number>;
  close(): void;
}

/** The end of a chunked body. */
const lastChunk = Buffer.from('\r\n0\r\n\r\n');

/** How long what was sent is waited for once no more is sent (ms). */
const patienceMs = 20_000;

async function offer(load: Offer): Promise<Outcome> {
  const { url, perSecond, connections, warmUpMs } = load;
  const ms = warmUpMs + load.ms;
  const all: Seen[] = [];
  const idle: Line[] = [];
  const under = new Set<Promise<void>>();
  let number = load.from;
  let sent = 0;
  const began = performance.now();
  const turns = monitorEventLoopDelay({ resolution: 5 });
  turns.enable();

  const one = async (given: Line | undefined) => {
    const at = performance.now();
    sent += 1;
    const line = given ?? (await openLine(url));
    const status = await line.send(load.message.replace('{n}', String((number += 1))));
    const now = performance.now();
    all.push({ status, ms: now - at, sentAt: at - began, at: now - began });
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
  const clientP99 = turns.percentile(99) / 1e6 - 5;
  return { ...outcomeOf(all, { sent, from: warmUpMs, until: ms }), clientP99 };
}

/** One answer; times in ms since the beginning. Status 0: the connection broke. */
interface Seen {
  readonly status: number;
  readonly ms: number;
  readonly sentAt: number;
  readonly at: number;
}

function outcomeOf(
  all: readonly Seen[],
  { sent, from, until }: { sent: number; from: number; until: number },
): Omit<Outcome, 'clientP99'> {
  const of = (statuses: (status: number) => boolean) =>
    all.filter(({ status }) => statuses(status));
  const answered = of((status) => status >= 200 && status < 300);
  const refused = of((status) => status === 429 || status === 503);
  const perSecond = (some: readonly Seen[]) =>
    (1000 * some.filter(({ at }) => at > from && at <= until).length) / (until - from);
  const latency = (some: readonly Seen[], share: number) => {
    const sorted = some
      .flatMap(({ sentAt, ms }) => (sentAt > from ? [ms] : []))
      .sort((a, b) => a - b);
    return sorted[Math.floor(share * (sorted.length - 1))] ?? NaN;
  };
  return {
    sent,
    answered: answered.length,
    answeredPerSecond: perSecond(answered),
    refusedPerSecond: perSecond(refused),
    other: sent - answered.length - refused.length,
    answeredP50: latency(answered, 0.5),
    answeredP99: latency(answered, 0.99),
    refusedP99: latency(refused, 0.99),
  };
}

async function openLine(url: string): Promise<Line> {
  const { hostname, port } = new URL(url);
  const socket: Socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let head: Buffer = Buffer.alloc(0);
  let status = 0;
  /** Bytes of the body that are still to come; null where it has no length. */
  let left: number | null = 0;
  let done: (status: number) => void = () => undefined;
  socket.on('error', () => undefined);
  socket.on('close', () => done(0));
  socket.on('data', (piece: Buffer) => {
    let body = piece;
    if (status === 0) {
      head = head.length === 0 ? piece : Buffer.concat([head, piece]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      const text = head.toString('latin1', 0, end);
      status = Number(text.slice(9, 12));
      const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
      left = length === undefined ? null : Number(length);
      body = head.subarray(end + 4);
      head = Buffer.alloc(0);
    }
    if (left !== null) left -= body.length;
    const isWhole = left === null ? piece.subarray(-7).equals(lastChunk) : left <= 0;
    if (!isWhole) return;
    const answered = status;
    status = 0;
    done(answered);
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
