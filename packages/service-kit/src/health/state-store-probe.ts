import { runDetached } from '@bud-monitoring/client';
import type { StateStore } from '@bud-monitoring/client/dapr';
import type { ComponentCheck } from './component-checks.js';

/** Any key: what counts is that the store takes it. */
const probeKey = 'health';

/** Milliseconds for which the outcome of a probe stands: probes of health must not become load. */
const probeMs = 2_000;

/** Whether the state store does its work, writes included: a full Redis answers every read. */
export interface StateStoreProbe {
  /** What the store lacks, in a few words; null where it answers and takes writes. */
  problem(): Promise<string | null>;
  readonly check: ComponentCheck;
}

/** Writes to the store at most once in 2 s; callers in between share the outcome. */
export function createStateStoreProbe(options: {
  state: StateStore;
  clock: { now(): number };
}): StateStoreProbe {
  const { state, clock } = options;
  let last: { at: number; outcome: Promise<string | null> } | null = null;

  async function probe(): Promise<string | null> {
    const saved = await succeeds(state.save(probeKey, { at: clock.now() }));
    if (saved) return null;
    return (await succeeds(state.get(probeKey)))
      ? 'refuses writes: is Redis full, read-only or without replicas?'
      : 'no answer';
  }
  function problem(): Promise<string | null> {
    if (last === null || clock.now() - last.at >= probeMs)
      last = { at: clock.now(), outcome: runDetached(probe) };
    return last.outcome;
  }
  return {
    problem,
    async check() {
      const reason = await problem();
      return reason === null
        ? { status: 'healthy', details: {} }
        : { status: 'unhealthy', details: { reason } };
    },
  };
}

/** What this replica lacks to be ready: its sidecar, and a state store that takes writes. */
export async function missingOfReplica(parts: {
  dapr: { healthy(): Promise<boolean> };
  stateStore: StateStoreProbe;
}): Promise<string[]> {
  const { dapr, stateStore } = parts;
  const [sidecar, problem] = await Promise.all([dapr.healthy(), stateStore.problem()]);
  return [
    ...(sidecar ? [] : ['sidecar']),
    ...(problem === null ? [] : [`state store (${problem})`]),
  ];
}

function succeeds(call: Promise<unknown>): Promise<boolean> {
  return call.then(
    () => true,
    () => false,
  );
}
