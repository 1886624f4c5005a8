import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What happens to a request on its way: it is held up (and carried out later, even for a client that
 * has gone), answered in the neighbour's stead, carried out without an answer, or cut off.
 */
export type Fault =
  | { kind: 'delay'; ms: number }
  | { kind: 'answer'; status: number; body: string; type?: string }
  | { kind: 'lose-answer' }
  | { kind: 'cut' };

export interface Rule {
  /** Tested against `METHOD /path`. */
  match: RegExp;
  fault: Fault;
  /** How many requests it hits; all until cleared unless told. */
  times?: number;
}

/** Runs once, before or after the request that is the `nth` to match is carried out; nobody is answered. */
export interface Trap {
  match: RegExp;
  nth: number;
  when: 'before' | 'after';
  spring: () => Promise<unknown>;
}

/** Stands between the service and a neighbour, and breaks what passes on command. */
export interface FaultyProxy extends AsyncDisposable {
  /** `host:port` */
  readonly host: string;
  readonly url: string;
  /** Where requests go; nothing is reached before it is set. */
  target: string;
  /** Adds a rule; what comes back takes it away. */
  add(rule: Rule): () => void;
  set(trap: Trap): void;
  /** Takes all rules and traps away. */
  heal(): void;
  /** Requests that a rule or trap hit. */
  readonly hits: number;
}

export async function startFaultyProxy(): Promise<FaultyProxy> {
  const agent = new Agent({ keepAlive: true });
  let rules: (Rule & { left: number })[] = [];
  let traps: (Trap & { left: number })[] = [];
  let hits = 0;

  const takeRule = (line: string) => {
    const rule = rules.find(({ match, left }) => left > 0 && match.test(line));
    if (rule === undefined) return undefined;
    rule.left -= 1;
    return rule.fault;
  };
  const takeTrap = (line: string) => {
    const trap = traps.find(({ match }) => match.test(line));
    if (trap === undefined) return undefined;
    trap.left -= 1;
    if (trap.left > 0) return undefined;
    traps = traps.filter((other) => other !== trap);
    return trap;
  };

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const line = `${req.method ?? ''} ${(req.url ?? '').split('?')[0] ?? ''}`;
    const body = await read(req);
    const cut = () => res.destroy();
    const trap = takeTrap(line);
    if (trap !== undefined) {
      hits += 1;
      if (trap.when === 'after') await forward(proxy.target, req, body, agent).catch(() => null);
      // The kill is sent off at once; whoever is killed must not hear more.
      const sprung = trap.spring();
      cut();
      await sprung;
      return;
    }
    const fault = takeRule(line);
    if (fault !== undefined) hits += 1;
    if (fault?.kind === 'cut') return void cut();
    if (fault?.kind === 'answer') {
      res.writeHead(fault.status, { 'content-type': fault.type ?? 'application/json' });
      res.end(fault.body);
      return;
    }
    if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.ms));
    const answer = await forward(proxy.target, req, body, agent).catch(() => null);
    if (answer === null || fault?.kind === 'lose-answer') return void cut();
    res.writeHead(answer.status, answer.headers);
    res.end(answer.body);
  }

  const server = createServer((req, res) => {
    res.on('error', () => undefined);
    handle(req, res).catch(() => res.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  const proxy: FaultyProxy = {
    host,
    url: `http://${host}`,
    target: 'http://127.0.0.1:1',
    add(rule) {
      const added = { ...rule, left: rule.times ?? Infinity };
      rules.push(added);
      return () => (rules = rules.filter((other) => other !== added));
    },
    set: (trap) => void traps.push({ ...trap, left: trap.nth }),
    heal() {
      rules = [];
      traps = [];
    },
    get hits() {
      return hits;
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return proxy;
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Carries a request out, whether or not its sender is still there. */
function forward(
  target: string,
  req: IncomingMessage,
  body: Buffer,
  agent: Agent,
): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const headers = { ...req.headers, 'content-length': String(body.length) };
    Reflect.deleteProperty(headers, 'transfer-encoding');
    const outgoing = request(
      new URL(req.url ?? '/', target),
      { method: req.method, headers, agent },
      (res) => {
        read(res).then((bytes) => {
          const answered = { ...res.headers };
          for (const name of ['transfer-encoding', 'connection'])
            Reflect.deleteProperty(answered, name);
          resolve({ status: res.statusCode ?? 502, headers: answered, body: bytes });
        }, reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
