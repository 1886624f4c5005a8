import { toBoundedJson } from '@bud-monitoring/cluster-events';
import { clusterIdSchema, type ClusterId } from '@bud-monitoring/contracts';
import { z } from 'zod';
import type { Clock, Store } from '../../ports.js';
import { clusterOf, deadLetterId, deadLetterSchema, type DeadLetter } from './dead-letter.js';

const hourMs = 3_600_000;
const daySeconds = 86_400;
/** How long a dead letter is stored. */
const retentionDays = 30;
/** Dead letters listed per hour: a publisher that sends nothing else must not fill the store. */
const maxPerHour = 500;
/** Characters of JSON text up to which a message is stored. */
const maxMessageLength = 256 * 1024;

/** The dead letters of one hour: the index by which they are listed. */
const hourSchema = z.object({
  v: z.literal(1),
  letters: z.array(z.object({ id: z.string(), clusterId: clusterIdSchema.nullable() })),
});
type Hour = z.infer<typeof hourSchema>;

/** The dead letters in the state store. Every method throws `StoreDown`. */
export interface DeadLetters {
  /** Stores a message; the same message again changes nothing. */
  add(deadLetter: { topic: string; reason: string; message: unknown }): Promise<DeadLetter>;
  /** Null where there is none of that id, or no longer. */
  get(id: string): Promise<DeadLetter | null>;
  markReplayed(deadLetter: DeadLetter): Promise<DeadLetter>;
  /** One page, newest first; `after` is the last id of the page before. */
  list(options: {
    after: string | null;
    limit: number;
    maySee: (clusterId: ClusterId | null) => boolean;
  }): Promise<{ deadLetters: DeadLetter[]; next: string | null }>;
  /** How many are listed. */
  count(): Promise<number>;
}

const deadLetterKey = (id: string) => `dead-letter:${id}`;
const hourKey = (ms: number) => `dead-letters:${new Date(ms).toISOString().slice(0, 13)}`;

export function createDeadLetters(options: { store: Store; clock: Clock }): DeadLetters {
  const { store, clock } = options;

  async function get(id: string): Promise<DeadLetter | null> {
    const entry = await store.get(deadLetterKey(id));
    return entry === null ? null : deadLetterSchema.parse(entry.value);
  }

  /** Lists a dead letter under the hour in which it was received. */
  async function addToIndex({ id, clusterId, receivedAt }: DeadLetter): Promise<void> {
    const key = hourKey(receivedAt);
    for (;;) {
      const entry = await store.get(key);
      const hour: Hour = entry === null ? { v: 1, letters: [] } : hourSchema.parse(entry.value);
      if (hour.letters.length >= maxPerHour || hour.letters.some((listed) => listed.id === id))
        return;
      const letters = [...hour.letters, { id, clusterId }];
      const expected = entry === null ? 'absent' : { etag: entry.etag };
      if (await store.save(key, { v: 1, letters }, expected, (retentionDays + 1) * daySeconds))
        return;
    }
  }

  /** The index, newest first. */
  async function entries(): Promise<Hour['letters']> {
    const now = clock.now();
    const length = (retentionDays + 1) * 24;
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
      const text = toBoundedJson(message);
      const deadLetter: DeadLetter = {
        v: 1,
        id: deadLetterId(topic, message),
        topic,
        reason,
        clusterId: clusterOf(message),
        receivedAt: clock.now(),
        replayedAt: null,
        message: text.length > maxMessageLength ? 'null' : text,
      };
      const isNew = await store.save(
        deadLetterKey(deadLetter.id),
        deadLetter,
        'absent',
        retentionDays * daySeconds,
      );
      const stored = isNew ? deadLetter : ((await get(deadLetter.id)) ?? deadLetter);
      await addToIndex(stored);
      return stored;
    },
    async markReplayed(deadLetter) {
      const replayed = { ...deadLetter, replayedAt: clock.now() };
      await store.save(deadLetterKey(deadLetter.id), replayed, 'any', retentionDays * daySeconds);
      return replayed;
    },
    async list({ after, limit, maySee }) {
      const all = (await entries()).filter(({ clusterId }) => maySee(clusterId));
      const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
      const ids = all.slice(from, from + limit).map(({ id }) => id);
      const stored = await store.getMany(ids.map(deadLetterKey));
      const deadLetters = ids.flatMap((id) => {
        const entry = stored.get(deadLetterKey(id));
        return entry === undefined ? [] : [deadLetterSchema.parse(entry.value)];
      });
      return { deadLetters, next: from + limit < all.length ? (ids.at(-1) ?? null) : null };
    },
    count: async () => (await entries()).length,
  };
}
