import { randomInt } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { playAll } from './support/runner.js';

// The long form: CHAOS_RUNS schedules from CHAOS_SEED on. The short form takes fixed seeds, which hold
// messages that nobody can use, a Redis that refuses writes, and records by other versions.
const { CHAOS_RUNS, CHAOS_SEED, CHAOS_LANES } = process.env;
const runs = Number(CHAOS_RUNS ?? 4);
const isLong = CHAOS_RUNS !== undefined;
const first = Number(CHAOS_SEED ?? (isLong ? randomInt(1_000_000) : 33));
const parallel = Math.min(runs, Number(CHAOS_LANES ?? 4));
const tell = (line: string) => isLong && process.stderr.write(`${line}\n`);

it(
  `leaves exactly what the ledger says after ${runs} random schedules from seed ${first} on`,
  async () => {
    const seeds = Array.from({ length: runs }, (_, n) => first + n);
    tell(`${runs} schedules from CHAOS_SEED=${first} on, ${parallel} at a time`);

    const { failures, ...counts } = await playAll({ seeds, parallel, progress: tell });

    tell(JSON.stringify(counts));
    expect(failures).toEqual([]);
    expect(counts.schedules).toBe(runs);
    expect(counts.events).toBeGreaterThanOrEqual(runs);
  },
  isLong ? 6 * 3_600_000 : 600_000,
);
