import type { FleetCluster, Warning } from '@bud-monitoring/contracts';
import type { Clock, ClusterRecord } from '../../ports.js';

/** What the state store knows of the fleet. */
export interface FleetState {
  records(signal: AbortSignal): Promise<readonly ClusterRecord[]>;
  alerts(signal: AbortSignal): Promise<ReadonlyMap<string, FleetCluster['alerts']>>;
}

/** The same, or the last of it while the state store is away. */
export interface LastState extends FleetState {
  /** Says so of what was given last. */
  warnings(): readonly Warning[];
}

/** Keeps what was read for `keptMs`; throws what the state store throws after that. */
export function createLastState(
  state: FleetState,
  { clock, keptMs }: { clock: Clock; keptMs: number },
): LastState {
  const records = orLast((signal) => state.records(signal), { clock, keptMs });
  const alerts = orLast((signal) => state.alerts(signal), { clock, keptMs });
  return {
    records: (signal) => records.read(signal),
    alerts: (signal) => alerts.read(signal),
    warnings() {
      const oldest = Math.min(...[records, alerts].flatMap(({ givenOf }) => givenOf() ?? []));
      if (!Number.isFinite(oldest)) return [];
      const age = Math.round((clock.now() - oldest) / 1000);
      const message = `The state store cannot be reached; names and alerts are ${age} s old`;
      return [{ code: 'state_store_unavailable', message }];
    },
  };
}

function orLast<T>(
  read: (signal: AbortSignal) => Promise<T>,
  { clock, keptMs }: { clock: Clock; keptMs: number },
) {
  let last: { readonly value: T; readonly at: number } | undefined;
  let isOld = false;
  return {
    async read(signal: AbortSignal): Promise<T> {
      try {
        const value = await read(signal);
        last = { value, at: clock.now() };
        isOld = false;
        return value;
      } catch (error) {
        if (signal.aborted || last === undefined || clock.now() - last.at > keptMs) throw error;
        isOld = true;
        return last.value;
      }
    },
    /** When what was given last was read (Unix ms), where that was not now. */
    givenOf: () => (isOld ? last?.at : undefined),
  };
}
