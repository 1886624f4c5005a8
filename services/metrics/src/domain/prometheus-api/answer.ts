import { LRUCache } from 'lru-cache';
import type { Clock } from '../../ports.js';
import {
  extentBytes,
  extentKey,
  lastPoint,
  mergeSeries,
  planExtents,
  printMatrix,
  readMatrix,
  whyNoExtents,
  type Extent,
} from './extents.js';
import type { FairQueue } from './fair-queue.js';
import type { RangeCall, StoreCall } from './scoped-call.js';
import { shareBody, type SharedBody } from './shared-body.js';

/** The store's HTTP API, byte for byte. Throws where the store gave no answer of its own. */
export interface StoreGate {
  send(
    call: StoreCall,
    signal: AbortSignal,
  ): Promise<{ status: number; body: AsyncIterable<Buffer> }>;
}

/** How an answer came about. */
export type CacheState = 'hit' | 'partial' | 'miss' | 'bypass';

export interface StoreAnswer {
  readonly status: number;
  readonly cache: CacheState;
  /** Why, in a few words. */
  readonly reason: string;
  /** Whole, or in pieces while it comes in. */
  readonly body: Buffer | AsyncIterable<Buffer>;
}

export interface AnswerOptions {
  readonly store: StoreGate;
  readonly queue: FairQueue;
  readonly clock: Clock;
  /** Bytes kept of whole answers, and of extents: each half of the cache. */
  readonly cacheBytes: number;
  /** Bytes of one answer above which it is broken off. */
  readonly maxAnswerBytes: number;
  /** How long the newest points, instant and other answers are reused, ms. */
  readonly freshMs: number;
  /** Age from which points do not change any more, seconds. */
  readonly settledAfterSeconds: number;
  /** How long an extent lives, seconds: samples that came late are seen by then. */
  readonly extentSeconds: number;
}

/** Answers calls from what is kept, from calls under way, or from the store. */
export interface Answerer {
  /** `cluster` keeps answers apart and takes its turn in the queue. `range` allows for extents. */
  answer(
    ask: { cluster: string; scope: string; call: StoreCall; range?: RangeCall },
    signal: AbortSignal,
  ): Promise<StoreAnswer>;
}

interface Kept {
  readonly status: number;
  readonly body: Buffer;
}

interface Head {
  readonly status: number;
  readonly body: SharedBody;
}

/** A call under way, and how many wait for its head. */
interface Flight {
  readonly head: Promise<Head>;
  readonly controller: AbortController;
  waiting: number;
}

/** How long a query that the store called wrong is not sent again, ms. */
const wrongMs = 10_000;
/** Bytes of an answer up to which its points are read and kept: reading more would hold others up. */
const mostRead = 4 * 1024 * 1024;
/** Where notes stand in an answer: behind the data, and VictoriaMetrics' in front of it. */
const notesAt = { head: 256, tail: 16_384 };

export function createAnswerer(options: AnswerOptions): Answerer {
  const { store, queue, clock, freshMs } = options;
  const half = Math.max(1, Math.floor(options.cacheBytes / 2));
  const whole = new LRUCache<string, Kept>({
    maxSize: half,
    sizeCalculation: ({ body }, key) => body.length + 2 * key.length,
    perf: clock,
    ttlResolution: 0,
  });
  const extents = new LRUCache<string, Extent>({
    maxSize: half,
    sizeCalculation: (extent) => extentBytes(extent),
    ttl: options.extentSeconds * 1000,
    perf: clock,
    ttlResolution: 0,
  });
  const flights = new Map<string, Flight>();
  const nowSeconds = () => clock.now() / 1000;

  /** One call to the store in its turn; the body is followed to its end even if it is not read. */
  async function send(cluster: string, call: StoreCall, flight: AbortController): Promise<Head> {
    const leave = await queue.enter(cluster, flight.signal);
    try {
      const { status, body } = await store.send(call, flight.signal);
      const shared = shareBody(body, {
        maxBytes: options.maxAnswerBytes,
        abandon: () => flight.abort(),
      });
      void shared.whole().then(leave, leave);
      return { status, body: shared };
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** A call to the store that all share who ask for the same until its body has come in. */
  function take(cluster: string, key: string, call: StoreCall): Flight {
    const controller = new AbortController();
    const head = send(cluster, call, controller);
    const flight = { head, controller, waiting: 0 };
    flights.set(key, flight);
    head
      .then(async ({ status, body }) => keep(key, status, await body.whole()))
      .catch(() => undefined) // told to whoever waits or reads
      .finally(() => {
        if (flights.get(key) === flight) flights.delete(key);
      });
    return flight;
  }

  /** The head of an answer; the call ends when all who wait for it went away. */
  async function fly(
    cluster: string,
    key: string,
    call: StoreCall,
    signal: AbortSignal,
  ): Promise<Head> {
    const known = flights.get(key);
    const flight =
      known === undefined || known.controller.signal.aborted ? take(cluster, key, call) : known;
    flight.waiting += 1;
    let leave: () => void = () => undefined;
    const left = new Promise<never>((_resolve, reject) => {
      leave = () => {
        flight.waiting -= 1;
        if (flight.waiting === 0) flight.controller.abort();
        reject(signal.reason as Error);
      };
    });
    signal.addEventListener('abort', leave, { once: true });
    try {
      signal.throwIfAborted();
      return await Promise.race([flight.head, left]);
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  function keep(key: string, status: number, body: Buffer): void {
    if (status >= 500) return;
    if (status === 200 && hasNotes(body)) return;
    whole.set(key, { status, body }, { ttl: status === 200 ? freshMs : wrongMs });
  }

  /** Points between start and end straight from the store; null where they may not be kept. */
  async function fetchPart(
    ask: { cluster: string; scope: string; call: StoreCall },
    span: { start: number; end: number },
    signal: AbortSignal,
  ) {
    const form = new URLSearchParams(ask.call.form);
    form.set('start', String(span.start));
    form.set('end', String(span.end));
    const call = { ...ask.call, form };
    const { status, body } = await fly(ask.cluster, keyOf(ask.scope, call), call, signal);
    const bytes = await body.whole();
    if (status !== 200) return null;
    const matrix = readMatrix(bytes);
    return matrix.ok ? matrix : null;
  }

  /** What is kept of the range, completed; null where it must be asked as a whole. */
  async function fromExtent(
    ask: { cluster: string; scope: string; call: StoreCall },
    range: RangeCall,
    signal: AbortSignal,
  ): Promise<StoreAnswer | null> {
    const key = `${ask.scope} ${extentKey(range)}`;
    const extent = extents.get(key);
    const plan = planExtents(extent, range);
    if (extent === undefined || plan.kind === 'miss') return null;
    const span = { start: range.start, end: lastPoint(range) };
    const fetched = await Promise.all(plan.fetch.map((part) => fetchPart(ask, part, signal)));
    const parts = fetched.flatMap((part) => part ?? []);
    if (parts.length < fetched.length) return null;
    const head = plan.fetch.length > 0 && (plan.fetch[0]?.start ?? 0) < extent.start;
    const kept = mergeSeries([extent.series], { start: extent.start, end: extent.settled });
    const ordered = parts.map(({ series }) => series);
    const series = mergeSeries(
      head ? [...ordered.slice(0, 1), kept, ...ordered.slice(1)] : [kept, ...ordered],
      span,
    );
    const infos = [...new Set([...extent.infos, ...parts.flatMap((part) => part.infos)])];
    if (plan.kind === 'partial')
      remember(key, range.step, { ...span, series, infos, since: extent.since });
    const body = printMatrix(series, infos);
    const points = plan.fetch.reduce(
      (sum, part) => sum + Math.round((part.end - part.start) / range.step) + 1,
      0,
    );
    return {
      status: 200,
      cache: plan.kind,
      reason: plan.kind === 'hit' ? 'all points are kept' : `${points} points were fetched`,
      body,
    };
  }

  function remember(key: string, step: number, found: Omit<Extent, 'settled'>): void {
    const age = nowSeconds() - found.since;
    const ttl = (options.extentSeconds - age) * 1000;
    // Nothing at all is more likely a gap than an answer.
    if (ttl <= 0 || found.series.size === 0) return;
    const steps = Math.floor((nowSeconds() - options.settledAfterSeconds - found.start) / step);
    const settled = Math.min(found.end, found.start + steps * step);
    if (settled > found.start) extents.set(key, { ...found, settled }, { ttl });
  }

  /** Keeps the points of a range that was asked as a whole, once it has come in. */
  function rememberWhole(scope: string, range: RangeCall, head: Head): void {
    if (head.status !== 200) return;
    void head.body
      .whole()
      .then((body) => {
        if (body.length > mostRead) return;
        const matrix = readMatrix(body);
        if (!matrix.ok) return;
        remember(`${scope} ${extentKey(range)}`, range.step, {
          ...{ start: range.start, end: lastPoint(range), since: nowSeconds() },
          ...{ series: matrix.series, infos: matrix.infos },
        });
      })
      .catch(() => undefined); // told to whoever reads the body
  }

  return {
    async answer(ask, signal) {
      const { cluster, scope, call, range } = ask;
      const key = keyOf(scope, call);
      const kept = whole.get(key);
      if (kept !== undefined) {
        return { status: kept.status, cache: 'hit', reason: 'asked a moment ago', body: kept.body };
      }
      const joined = flights.has(key);
      const why = range === undefined ? null : whyNoExtents(range);
      const extended = range !== undefined && why === null && !joined;
      const known = extended ? await fromExtent(ask, range, signal) : null;
      if (known !== null) return known;
      const head = await fly(cluster, key, call, signal);
      if (extended) rememberWhole(scope, range, head);
      return { status: head.status, ...provenance(joined, why), body: head.body.read() };
    },
  };
}

function provenance(joined: boolean, why: string | null): Pick<StoreAnswer, 'cache' | 'reason'> {
  if (joined) return { cache: 'hit', reason: 'asked by another at the same time' };
  if (why !== null) return { cache: 'bypass', reason: why };
  return { cache: 'miss', reason: 'nothing is kept of it' };
}

const keyOf = (scope: string, { path, form }: StoreCall): string =>
  `${scope} ${path}?${form.toString()}`;

/** Warnings, or a part missing: such an answer is handed on and not kept. */
function hasNotes(body: Buffer): boolean {
  return (
    body.subarray(-notesAt.tail).includes('"warnings":[') ||
    body.subarray(0, notesAt.head).includes('"isPartial":true')
  );
}
