import { createHash } from 'node:crypto';
import { eventData, isObject } from '@bud-monitoring/cluster-events';
import { clusterIdSchema, type ClusterId } from '@bud-monitoring/contracts';
import { z } from 'zod';
import type { Clock, Store } from '../../ports.js';

const hourMs = 3_600_000;
const daySeconds = 86_400;
/** How long an event that was not taken is kept. */
const keptDays = 30;
/** Entries of one hour; a publisher gone wild must not fill the store. */
const perHour = 500;
/** Characters of an event that are kept. */
const longest = 256 * 1024;

const letterSchema = z.object({
  v: z.literal(1),
  id: z.string(),
  topic: z.string(),
  reason: z.string(),
  clusterId: clusterIdSchema.nullable(),
  /** Unix ms. */
  receivedAt: z.number(),
  replayedAt: z.number().nullable(),
  /** The message as JSON text. */
  message: z.string(),
});
/** A message that was not taken, with all that a replay needs. */
export type Letter = z.infer<typeof letterSchema>;

const hourSchema = z.object({
  v: z.literal(1),
  letters: z.array(z.object({ id: z.string(), clusterId: clusterIdSchema.nullable() })),
});
type Hour = z.infer<typeof hourSchema>;

export interface DeadLetters {
  /** Keeps a message; the same message again changes nothing. Throws `StoreDown`. */
  add(letter: { topic: string; reason: string; message: unknown }): Promise<Letter>;
  get(id: string): Promise<Letter | null>;
  markReplayed(letter: Letter): Promise<Letter>;
  /** Newest first; `after` is the id that the page before ended with. */
  list(options: {
    after: string | null;
    limit: number;
    maySee: (clusterId: ClusterId | null) => boolean;
  }): Promise<{ letters: Letter[]; next: string | null }>;
  count(): Promise<number>;
}

const letterKey = (id: string) => `dead-letter:${id}`;
const hourKey = (ms: number) => `dead-letters:${new Date(ms).toISOString().slice(0, 13)}`;

export function createDeadLetters(options: { store: Store; clock: Clock }): DeadLetters {
  const { store, clock } = options;

  async function get(id: string): Promise<Letter | null> {
    const entry = await store.get(letterKey(id));
    return entry === null ? null : letterSchema.parse(entry.value);
  }

  /** Lists the letter under the hour it came. */
  async function enter({ id, clusterId, receivedAt }: Letter): Promise<void> {
    const key = hourKey(receivedAt);
    for (;;) {
      const entry = await store.get(key);
      const hour: Hour = entry === null ? { v: 1, letters: [] } : hourSchema.parse(entry.value);
      if (hour.letters.length >= perHour || hour.letters.some((letter) => letter.id === id)) return;
      const letters = [...hour.letters, { id, clusterId }];
      const expected = entry === null ? 'absent' : { etag: entry.etag };
      if (await store.save(key, { v: 1, letters }, expected, (keptDays + 1) * daySeconds)) return;
    }
  }

  /** What is listed, newest first. */
  async function entries(): Promise<Hour['letters']> {
    const now = clock.now();
    const length = (keptDays + 1) * 24;
    const keys = Array.from({ length }, (_, n) => hourKey(now - n * hourMs));
    const hours = await store.getMany(keys);
    return keys.flatMap((key) => {
      const entry = hours.get(key);
      return entry === undefined ? [] : hourSchema.parse(entry.value).letters.reverse();
    });
  }

  return {
    get,
    async add({ topic, reason, message }) {
      const text = JSON.stringify(message) as string | undefined;
      const letter: Letter = {
        v: 1,
        id: idOf(topic, message),
        topic,
        reason,
        clusterId: clusterOf(message),
        receivedAt: clock.now(),
        replayedAt: null,
        message: text === undefined || text.length > longest ? 'null' : text,
      };
      const isNew = await store.save(letterKey(letter.id), letter, 'absent', keptDays * daySeconds);
      const kept = isNew ? letter : ((await get(letter.id)) ?? letter);
      await enter(kept);
      return kept;
    },
    async markReplayed(letter) {
      const replayed = { ...letter, replayedAt: clock.now() };
      await store.save(letterKey(letter.id), replayed, 'any', keptDays * daySeconds);
      return replayed;
    },
    async list({ after, limit, maySee }) {
      const all = (await entries()).filter(({ clusterId }) => maySee(clusterId));
      const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
      const ids = all.slice(from, from + limit).map(({ id }) => id);
      const found = await store.getMany(ids.map(letterKey));
      const letters = ids.flatMap((id) => {
        const entry = found.get(letterKey(id));
        return entry === undefined ? [] : [letterSchema.parse(entry.value)];
      });
      return { letters, next: from + limit < all.length ? (ids.at(-1) ?? null) : null };
    },
    count: async () => (await entries()).length,
  };
}

/**
 * One id for one message, by whichever route it comes: what the sidecar adds on the way does not
 * count. A CloudEvent is told by its own id, Bud's by their content.
 */
function idOf(topic: string, message: unknown): string {
  const essence = isObject(message)
    ? typeof message['id'] === 'string'
      ? [message['source'], message['id']]
      : [message['time'], message['data'] ?? message['payload'] ?? message]
    : [message];
  const text = JSON.stringify([topic, ...essence]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** The cluster that a message seems to be about. */
function clusterOf(message: unknown): ClusterId | null {
  const data = isObject(message) ? eventData(message) : null;
  const id = clusterIdSchema.safeParse(isObject(data) ? data['cluster_id'] : null);
  return id.success ? id.data : null;
}
