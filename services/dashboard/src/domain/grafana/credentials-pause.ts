import { z } from 'zod';
import type { Clock, Store } from '../../ports.js';
import { Failure } from './failure.js';

const key = 'grafana-pause';

const tryOnceMs = 75_000;

/** How long a replica may not know of a pause that another began. */
const maxStalenessMs = 1_000;

const pauseSchema = z.object({ until: z.number(), fingerprint: z.string() });

/**
 * Stops all calls to Grafana after it refused a password: five failed logins lock a Grafana account.
 * A token is never locked, so a refusal of one begins no pause. The pause is stored: neither a restart nor another replica ends it, but other credentials do.
 */
export interface CredentialsPause {
  /** Throws an `unauthorized` failure while the pause lasts. */
  check(): Promise<void>;
  /** Begins a pause, unless one lasts: Grafana has refused our credentials. */
  begin(): Promise<void>;
  /** Ends it: Grafana has accepted them. */
  end(): Promise<void>;
  /**
   * Whether somebody may have one reconcile tried in spite of the pause; not again within 75 seconds,
   * since five wrong logins within five minutes lock the account.
   */
  mayTryOnce(): boolean;
  /** Unix ms when the next try is allowed; null when calls are allowed. */
  readonly pausedUntil: number | null;
}

export function createCredentialsPause(options: {
  store: Store;
  clock: Clock;
  /** Differs for other credentials, and does not reveal them. */
  fingerprint: string;
  /** 0 for a token: there is no pause then. */
  pauseMs: number;
}): CredentialsPause {
  const { store, clock, fingerprint, pauseMs } = options;
  let triedAt = Number.NEGATIVE_INFINITY;
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
        if (reading === null || clock.now() - reading.at >= maxStalenessMs)
          reading = { at: clock.now(), result: read() };
        await reading.result;
      }
      const end = paused();
      if (end !== null) throw refused(end - clock.now());
    },
    async begin() {
      if (pauseMs === 0 || paused() !== null) return;
      until = clock.now() + pauseMs;
      await store.save(key, { until, fingerprint }, 'any');
    },
    async end() {
      if (paused() === null) return;
      until = null;
      await store.save(key, { until: 0, fingerprint }, 'any');
    },
    mayTryOnce() {
      if (clock.now() - triedAt < tryOnceMs) return false;
      triedAt = clock.now();
      return true;
    },
  };
}

function refused(retryAfterMs: number): Failure {
  return new Failure({
    kind: 'unauthorized',
    code: 'unauthorized',
    message:
      'Grafana does not accept the credentials: correct them and restart, wait for the next try, or POST with ?force=true',
    retryAfterMs,
  });
}
