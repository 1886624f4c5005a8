import { startChaosEnv, type Dialect, type Victim } from './chaos-env.js';
import { deleteClusters, describeSchedule, makeSchedule, play, type Schedule } from './schedule.js';

/** The totals of all schedules. */
export interface Outcome {
  schedules: number;
  /** Events that the broker took, copies not counted. */
  events: number;
  /** Messages that nobody can use and that the broker took. */
  poisoned: number;
  kills: Record<Victim, number>;
  /** Requests on their way to Grafana or the sidecar that were hit. */
  faults: number;
  /** What was wrong, with the schedule and the service's last words. */
  failures: string[];
}

/** Schedules per stack: every resync observes all clusters of the schedules before. */
const perStack = 10;

/**
 * Plays the schedules of these seeds, by `parallel` workers with a stack each. After each schedule
 * Grafana is compared with the ledger; at the end of a stack once more, when no record is pending.
 */
export async function playAll(options: {
  seeds: readonly number[];
  parallel: number;
  progress?: (line: string) => void;
}): Promise<Outcome> {
  const { parallel, progress = () => undefined } = options;
  const left = [...options.seeds];
  const outcome: Outcome = {
    schedules: 0,
    events: 0,
    poisoned: 0,
    faults: 0,
    failures: [],
    kills: { service: 0, daprd: 0, redis: 0 },
  };

  async function worker(number: number): Promise<void> {
    while (left.length > 0) await round(number % 2 === 0 ? '9.4' : 'later');
  }

  /** Plays on one stack until nothing is left, or something is wrong. */
  async function round(dialect: Dialect): Promise<void> {
    await using chaos = await startChaosEnv({ dialect });
    const played: Schedule[] = [];
    let wrong: string[] = [];
    while (played.length < perStack) {
      const seed = left.shift();
      if (seed === undefined) break;
      const schedule = makeSchedule(seed, Date.now());
      const began = performance.now();
      wrong = await play(chaos, schedule);
      played.push(schedule);
      outcome.schedules += 1;
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      const verdict = wrong.length === 0 ? 'right' : 'WRONG';
      progress(`seed ${seed}, Grafana ${dialect}: ${verdict} after ${seconds} s`);
      // What is wrong once would be wrong after all that follow.
      if (wrong.length > 0) break;
      const old = played.at(-3);
      if (old !== undefined) await deleteClusters(chaos, old);
    }
    if (wrong.length === 0) wrong = await chaos.rest(400_000);
    outcome.events += chaos.ledger.size;
    outcome.poisoned += chaos.poisoned;
    outcome.faults += chaos.toGrafana.hits + chaos.toDapr.hits;
    for (const victim of ['service', 'daprd', 'redis'] as const)
      outcome.kills[victim] += chaos.kills[victim];
    if (wrong.length === 0) return;
    const failure = [
      `after the seeds ${played.map(({ seed }) => seed).join(', ')}`,
      ...wrong,
      ...played.slice(-1).map(describeSchedule),
      ...chaos.logs().split('\n').slice(-60),
    ].join('\n');
    outcome.failures.push(failure);
    progress(failure);
  }

  await Promise.all(Array.from({ length: parallel }, (_, number) => worker(number)));
  return outcome;
}
