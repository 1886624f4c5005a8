import { startArena, type Arena, type Victim } from './arena.js';
import { clearAway, describeSchedule, makeSchedule, play, type Schedule } from './schedule.js';

/** What came of all schedules. */
export interface Outcome {
  schedules: number;
  /** Events that the broker took, copies not counted. */
  events: number;
  kills: Record<Victim, number>;
  /** Requests on their way to Grafana or the sidecar that were hit. */
  faults: number;
  failures: { seed: number; schedule: string; wrong: string[]; logs: string }[];
}

/**
 * Plays the schedules of these seeds, `lanes` at a time, each lane on a stack of its own. After each
 * schedule Grafana is compared with the ledger; at the end of a lane once more, with no work left.
 */
export async function playAll(options: {
  seeds: readonly number[];
  lanes: number;
  progress?: (line: string) => void;
}): Promise<Outcome> {
  const { lanes, progress = () => undefined } = options;
  const left = [...options.seeds];
  const outcome: Outcome = {
    ...{ schedules: 0, events: 0, faults: 0, failures: [] },
    kills: { service: 0, daprd: 0, redis: 0 },
  };

  async function lane(number: number): Promise<void> {
    const dialect = number % 2 === 0 ? '9.4' : 'later';
    await using arena = await startArena({ dialect });
    const played: Schedule[] = [];
    for (let seed = left.shift(); seed !== undefined; seed = left.shift()) {
      const schedule = makeSchedule(seed, Date.now());
      const began = performance.now();
      const wrong = await play(arena, schedule);
      played.push(schedule);
      outcome.schedules += 1;
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      progress(
        `seed ${seed}, Grafana ${dialect}: ${wrong.length === 0 ? 'right' : 'WRONG'} after ${seconds} s`,
      );
      if (wrong.length > 0) fail(arena, schedule, wrong);
      // What is wrong once would be wrong after all that follow.
      if (wrong.length > 0) break;
      const old = played.at(-3);
      if (old !== undefined) await clearAway(arena, old);
    }
    const wrong = await arena.rest(120_000);
    const last = played.at(-1);
    if (
      wrong.length > 0 &&
      last !== undefined &&
      !outcome.failures.some(({ seed }) => seed === last.seed)
    )
      fail(arena, last, ['at the end of the lane', ...wrong]);
    outcome.events += arena.ledger.size;
    outcome.faults += arena.toGrafana.hits + arena.toDapr.hits;
    for (const victim of ['service', 'daprd', 'redis'] as const)
      outcome.kills[victim] += arena.kills[victim];
  }

  function fail(arena: Arena, schedule: Schedule, wrong: string[]): void {
    const logs = arena.logs().split('\n').slice(-60).join('\n');
    const failure = { seed: schedule.seed, schedule: describeSchedule(schedule), wrong, logs };
    outcome.failures.push(failure);
  }

  await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
  return outcome;
}
