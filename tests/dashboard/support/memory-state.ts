import { UpstreamError } from '@bud-monitoring/client';
import type { SaveOptions, StateEntry, StateStore } from '@bud-monitoring/client/dapr';

interface Row {
  json: string;
  etag: number;
  /** Unix ms; a later save without a time to live leaves it. */
  expiresAt: number | null;
  /** It was saved with a precondition: Redis, through daprd, takes none without one then. */
  firstWrite: boolean;
}

/** The state store in memory, with the habits of the real one that were measured. */
export interface MemoryState extends StateStore {
  /** Answers every call with an error while true. */
  down: boolean;
  /** Refuses every write while set: `unreachable`, or as a `conflict` that is none. */
  refusing: 'unreachable' | 'conflict' | null;
  /** How many writes were refused so. */
  refused: number;
  /** The keys of all successful saves so far. */
  readonly saves: readonly string[];
  /** Writes past the sidecar, as somebody with redis-cli does. */
  put(key: string, value: unknown): void;
  /** Everything that is stored, parsed. */
  all(): Map<string, unknown>;
}

export function createMemoryState({ clock }: { clock: { now(): number } }): MemoryState {
  const rows = new Map<string, Row>();
  let lastEtag = 0;
  const saves: string[] = [];

  const living = (key: string): Row | undefined => {
    const row = rows.get(key);
    if (row?.expiresAt != null && row.expiresAt <= clock.now()) rows.delete(key);
    return rows.get(key);
  };
  // As slow as a loopback call: whoever relies on two calls not overlapping is found out.
  const turn = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    if (state.down) throw new UpstreamError({ upstream: 'dapr', code: 'unreachable' });
  };
  const read = <T>(key: string): StateEntry<T> | null => {
    const row = living(key);
    return row === undefined ? null : { value: JSON.parse(row.json) as T, etag: String(row.etag) };
  };
  const lost = () => new UpstreamError({ upstream: 'dapr', code: 'conflict', status: 409 });

  const state: MemoryState = {
    down: false,
    refusing: null,
    refused: 0,
    saves,
    all: () => new Map([...rows].map(([key, { json }]) => [key, JSON.parse(json) as unknown])),
    put(key, value) {
      const json = JSON.stringify(value);
      rows.set(key, { json, etag: (lastEtag += 1), expiresAt: null, firstWrite: true });
    },
    async get<T>(key: string) {
      await turn();
      return read<T>(key);
    },
    async getMany<T>(keys: readonly string[]) {
      await turn();
      const found = new Map<string, StateEntry<T>>();
      for (const key of keys) {
        const entry = read<T>(key);
        if (entry !== null) found.set(key, entry);
      }
      return found;
    },
    async save(key: string, value: unknown, { etag, ifAbsent, ttlSeconds }: SaveOptions = {}) {
      await turn();
      if (state.refusing !== null) {
        state.refused += 1;
        throw new UpstreamError({ upstream: 'dapr', code: state.refusing });
      }
      const row = living(key);
      if (ifAbsent === true && row !== undefined) throw lost();
      // A key that is missing takes any etag.
      if (etag !== undefined && row !== undefined && String(row.etag) !== etag) throw lost();
      const conditional = ifAbsent === true || etag !== undefined;
      if (!conditional && row?.firstWrite === true)
        throw new UpstreamError({ upstream: 'dapr', code: 'unreachable', status: 500 });
      const expiresAt =
        ttlSeconds === undefined ? (row?.expiresAt ?? null) : clock.now() + ttlSeconds * 1_000;
      const json = JSON.stringify(value, sixDecimals);
      rows.set(key, { json, etag: (lastEtag += 1), expiresAt, firstWrite: conditional });
      saves.push(key);
    },
    async delete(key: string) {
      await turn();
      rows.delete(key);
    },
  };
  return state;
}

/** Dapr's state API keeps no more of a number. */
function sixDecimals(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1e6) / 1e6 : value;
}
