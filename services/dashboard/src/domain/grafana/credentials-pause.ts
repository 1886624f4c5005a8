import { z } from 'zod';
import type { Clock, Store } from '../../ports.js';
import { Failure } from './failure.js';

const key = 'grafana-pause';

/** How long a replica may not have heard of a pause that another began. */
const unheardMs = 1_000;

const pauseSchema = z.object({ until: z.number(), fingerprint: z.string() });

/**
 * Keeps wrong credentials from being tried again: five wrong logins lock a Grafana account. A pause
 * is kept in the store, so that neither a restart nor another replica breaks it; other credentials do.
 */
export interface Gate {
  /** Throws the failure of the pause while it lasts. */
  check(): Promise<void>;
  /** Starts a pause: Grafana has refused our credentials. */
  close(): Promise<void>;
  /** Unix ms when the next try is allowed; null when open. */
  readonly pausedUntil: number | null;
}

export function createGate(options: {
  store: Store;
  clock: Clock;
  /** Differs for other credentials, and does not tell them. */
  fingerprint: string;
  pauseMs: number;
}): Gate {
  const { store, clock, fingerprint, pauseMs } = options;
  let until: number | null = null;
  let reading: { at: number; result: Promise<void> } | null = null;
  const paused = () => (until !== null && clock.now() < until ? until : null);

  async function read(): Promise<void> {
    try {
      const pause = pauseSchema.safeParse((await store.get(key))?.value);
      if (pause.success && pause.data.fingerprint === fingerprint) until = pause.data.until;
    } catch (error) {
      reading = null;
      throw error;
    }
  }

  return {
    get pausedUntil() {
      return paused();
    },
    async check() {
      if (paused() === null) {
        if (reading === null || clock.now() - reading.at >= unheardMs)
          reading = { at: clock.now(), result: read() };
        await reading.result;
      }
      const end = paused();
      if (end !== null) throw refused(end - clock.now());
    },
    async close() {
      until = clock.now() + pauseMs;
      await store.save(key, { until, fingerprint }, 'any');
    },
  };
}

function refused(retryAfterMs: number): Failure {
  return new Failure({
    kind: 'unauthorized',
    code: 'unauthorized',
    message:
      'Grafana does not accept the credentials: correct them and restart, or wait for the next try',
    retryAfterMs,
  });
}
