import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './ask.js';
import { agrees, type Body, type KnownRequest } from './known-answers.js';
import { readOperations } from './operations.js';

/** One answer; times by `performance.now()`. */
export interface Seen {
  readonly path: string;
  readonly status: number;
  readonly isError: boolean;
  readonly from: number;
  readonly until: number;
}

interface Target {
  readonly address: string;
  readonly token: string;
}

const operations = new Map(readOperations().map((one) => [one.id, one]));

/** Statuses of what is away, or of too much at once: all of them say when to come again. */
const temporary = [429, 502, 503, 504];

/** Asks known requests by turns, and holds what comes against what came when all was there. */
export function createCallers({ address, token }: Target) {
  const right = new Map<KnownRequest, Learned>();
  let turn = 0;
  let seen: { answers: Seen[]; faults: string[] } = { answers: [], faults: [] };

  async function one(): Promise<void> {
    const requests = [...right];
    const [request, learned] = requests[(turn += 1) % requests.length]!;
    const from = performance.now();
    const answer = await send(request).catch((error: unknown) => String((error as Error).cause));
    const until = performance.now();
    const fault = typeof answer === 'string' ? answer : faultOf(request, learned, answer);
    const status = typeof answer === 'string' ? 0 : answer.status;
    const isError = temporary.includes(status);
    seen.answers.push({ path: request.path, status, isError, from, until });
    if (fault === undefined) return;
    const text = typeof answer === 'string' ? '' : answer.text.slice(-1500);
    seen.faults.push(`${fault}: ${request.path}: ${status} ${text}`);
  }

  const send = ({ path }: KnownRequest) =>
    ask(address, { method: 'GET', path, headers: {} }, `Bearer ${token}`);

  return {
    get seen() {
      return seen;
    },
    reset() {
      seen = { answers: [], faults: [] };
    },
    /** Takes what is answered now for right. */
    async learn(requests: readonly KnownRequest[]): Promise<void> {
      for (const request of requests) {
        const { status, text } = await send(request);
        const body = JSON.parse(text) as Body;
        right.set(request, { status, told: request.told(body) });
      }
    },
    /** Asks again as soon as it is answered, and gives the answers a second. */
    async closed({ connections, ms }: { connections: number; ms: number }): Promise<number> {
      const began = performance.now();
      let count = 0;
      const caller = async () => {
        for (; performance.now() - began < ms; count += 1) await one();
      };
      await Promise.all(Array.from({ length: connections }, caller));
      return (1000 * count) / (performance.now() - began);
    },
    /** Asks at a rate, whatever becomes of the ones before. */
    open(perSecond: number): { stop(): Promise<void> } {
      const began = performance.now();
      const under = new Set<Promise<void>>();
      let sent = 0;
      const timer = setInterval(() => {
        for (; sent < ((performance.now() - began) * perSecond) / 1000; sent += 1) {
          const asked = one();
          under.add(asked);
          void asked.finally(() => under.delete(asked));
        }
      }, 5);
      return {
        async stop() {
          clearInterval(timer);
          await Promise.race([Promise.all(under), sleep(60_000, undefined, { ref: false })]);
        },
      };
    },
  };
}

interface Learned {
  readonly status: number;
  readonly told: unknown;
}

/** Neither the right answer nor a declared error that says when to come again. */
function faultOf(
  request: KnownRequest,
  right: Learned,
  answer: Awaited<ReturnType<typeof ask>>,
): string | undefined {
  if (answer.text === '') return 'an empty answer';
  try {
    const [problem] = operations.get(request.operation)!.problems(answer);
    if (problem !== undefined) return problem;
  } catch {
    return 'not JSON';
  }
  if (temporary.includes(answer.status)) {
    return answer.headers.has('retry-after') ? undefined : 'does not say when to come again';
  }
  if (answer.status !== right.status) return 'another status';
  const body = JSON.parse(answer.text) as Body;
  const lacks = warningsOf(body).some(({ code }) => unread.test(code));
  return agrees(right.told, request.told(body), lacks) ? undefined : 'wrong';
}

/** Codes of warnings that something could not be read. */
const unread = /failed|unavailable/;

const warningsOf = (body: Body) =>
  (body['data'] as { warnings?: { code: string }[] } | null | undefined)?.warnings ?? [];
