import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Documents, Entry } from '../../../ports.js';
import { createUnreadableValues } from '../../unreadable.js';
import { createAlertDocuments } from '../document.js';
import { readShardStatus } from '../evaluation-status.js';
import { LeaseLost } from '../leader-election.js';
import { createAlertEvaluation } from './evaluator.js';
import type { Shard } from './shards.js';

const { signal } = new AbortController();
const everyMs = 60_000;
const log = { debug: () => undefined, warn: () => undefined };

let entries: Map<string, Entry>;
let documents: Documents;
/** The shards that were evaluated, as `index/count`. */
let evaluated: string[];
let waits: number[];
let outcomes: string[];
let clusters: number;
/** Leases that another replica holds. */
let held: Set<string>;
let evaluate: (shard: Shard) => Promise<void>;
let isStopping: boolean;
let now: number;

beforeEach(() => {
  entries = new Map();
  documents = {
    get: (key) => Promise.resolve(entries.get(key) ?? null),
    getMany: () => Promise.resolve(new Map()),
    save(key, value, expected) {
      const known = entries.get(key)?.etag ?? 'absent';
      if (known !== (expected === 'absent' ? expected : expected.etag))
        return Promise.resolve(false);
      entries.set(key, { value, etag: `${Number(known === 'absent' ? 0 : known) + 1}` });
      return Promise.resolve(true);
    },
  };
  [evaluated, waits, outcomes, held, isStopping, now] = [[], [], [], new Set(), false, 0];
  clusters = 1000;
  evaluate = () => Promise.resolve();
});

function create() {
  return createAlertEvaluation({
    source: {
      clusters: () =>
        clusters < 0
          ? Promise.reject(new Error('away'))
          : Promise.resolve({
              values: Array.from(
                { length: clusters },
                (_, n) => `0f000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
              ),
              notes: [],
            }),
    },
    documents,
    alertDocuments: createAlertDocuments({
      documents,
      unreadable: createUnreadableValues({ log }),
    }),
    registry: { list: () => Promise.resolve([]) },
    publisher: { publish: () => Promise.resolve() },
    overrides: { all: () => Promise.resolve(new Map()) },
    evaluateShard: async (shard) => {
      evaluated.push(`${shard.index}/${shard.count}`);
      await evaluate(shard);
    },
    electionOf: (name) => ({
      acquire: () =>
        Promise.resolve(
          held.has(name)
            ? null
            : { renew: () => Promise.resolve(), release: () => Promise.resolve() },
        ),
    }),
    everyMs,
    clock: { now: () => now },
    wait: (ms) => {
      waits.push(ms);
      now += ms;
      return Promise.resolve();
    },
    isStopping: () => isStopping,
    log,
    onRound: (outcome) => outcomes.push(outcome),
    onPublished: () => undefined,
  });
}

const all = ['0/4', '1/4', '2/4', '3/4'];

describe('a pass over the fleet', () => {
  it('takes as many shards as the fleet needs, and remembers how many for all replicas', async () => {
    await create().run(signal);
    expect(evaluated).toEqual(all);
    clusters = 10_000;
    await create().run(signal);
    expect(evaluated).toHaveLength(4 + 64);
    expect(await readShardStatus(documents, signal)).toHaveLength(64);
    // Fewer only when far fewer are needed.
    clusters = 4_100;
    await create().run(signal);
    expect(await readShardStatus(documents, signal)).toHaveLength(64);
    clusters = 250;
    await create().run(signal);
    expect(await readShardStatus(documents, signal)).toHaveLength(4);
  });

  it('keeps their number while the store does not say which clusters there are', async () => {
    await create().run(signal);
    clusters = -1;
    await create().run(signal);
    expect(evaluated).toEqual([...all, ...all]);
  });

  it('is spread over half the interval, and waits for nothing where it is late', async () => {
    await create().run(signal);
    expect(waits).toEqual([7_500, 7_500, 7_500]);
    waits = [];
    evaluate = () => {
      now += 20_000;
      return Promise.resolve();
    };
    await create().run(signal);
    expect(waits).toEqual([]);
  });

  it('leaves out what another replica has, and goes on after what was lost to one', async () => {
    await create().run(signal);
    evaluated = [];
    held.add('evaluate-alerts:4:1');
    evaluate = ({ index }) => (index === 2 ? Promise.reject(new LeaseLost()) : Promise.resolve());
    await create().run(signal);
    expect(evaluated).toEqual(['0/4', '2/4', '3/4']);
    expect(outcomes).toEqual(['done', 'turn_lost']);
    for (const shard of all) held.add(`evaluate-alerts:4:${shard[0]}`);
    await create().run(signal);
    expect(outcomes.at(-1)).toBe('not_our_turn');
  });

  it('that a failure ends is taken up behind it, so that no shard waits for ever', async () => {
    const evaluation = create();
    await evaluation.run(signal);
    evaluated = [];
    evaluate = ({ index }) => (index === 1 ? Promise.reject(new Error('down')) : Promise.resolve());
    await expect(evaluation.run(signal)).rejects.toThrow('down');
    await expect(evaluation.run(signal)).rejects.toThrow('down');
    expect(evaluated).toEqual(['0/4', '1/4', '2/4', '3/4', '0/4', '1/4']);
  });

  it('is one at a time in a replica, and ends where the service stops', async () => {
    const evaluation = create();
    let go: () => void = () => undefined;
    evaluate = () => new Promise((resolve) => (go = resolve));
    const first = evaluation.run(signal);
    while (evaluated.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await evaluation.run(signal);
    expect(outcomes).toEqual(['not_our_turn']);
    isStopping = true;
    go();
    await first;
    expect(evaluated).toEqual(['0/4']);
  });
});
