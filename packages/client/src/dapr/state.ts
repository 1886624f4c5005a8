import { StateConcurrencyEnum, StateConsistencyEnum } from '@dapr/dapr';
import { z } from 'zod';

import { UpstreamError } from '../errors.js';
import { createResiliencePolicy } from '../resilience/policy.js';
import { pathSegment } from '../http/url.js';
import { refusesWrites } from './sidecar-error.js';
import type { Sdk } from './sdk.js';
import type { SaveOptions, StateEntry, StateStore } from './types.js';

/** What the sidecar answers per key: without `data` and `etag` for a key that does not exist. */
const bulkSchema = z.array(
  z.object({
    key: z.string(),
    data: z.unknown().optional(),
    etag: z.string().optional(),
    error: z.string().optional(),
  }),
);

/**
 * What waits for a store that is away must not become a crowd: after so many failures in a row, calls fail at once
 * until one in a while has succeeded.
 */
const breaker = { failures: 3, cooldownMs: 1_000 };
/** Milliseconds of a read, which a store that is well answers within a few. */
const readMs = 5_000;

/** One state store component over the SDK. */
export function createStateStore(store: string, sdk: Sdk): StateStore {
  const component = pathSegment(store);
  // Apart, since a store that is full, or a replica, answers reads.
  const reads = createResiliencePolicy({ name: 'dapr', breaker, deadlineMs: readMs });
  const writes = createResiliencePolicy({ name: 'dapr', breaker });

  async function getMany<T>(keys: readonly string[], signal?: AbortSignal) {
    const entries = new Map<string, StateEntry<T>>();
    if (keys.length === 0) return entries;
    // In bulk even for one key: the SDK's `get` returns no etag and puts the key into a path.
    const checked = keys.map(checkedKey);
    const read = async (ends: AbortSignal) =>
      readBulk(
        await sdk.call(
          ({ state }): Promise<unknown> => state.getBulk(component, checked, { parallelism: 16 }),
          ends,
        ),
      );
    for (const { key, data, etag } of await reads.execute(read, { signal, retry: false })) {
      if (etag !== undefined && data !== undefined) entries.set(key, { value: data as T, etag });
    }
    return entries;
  }

  async function write(key: string, value: unknown, options: SaveOptions): Promise<void> {
    const { etag, ifAbsent = false, ttlSeconds, signal } = options;
    const conditional = ifAbsent || etag !== undefined;
    const item = {
      key: checkedKey(key),
      value,
      ...(etag !== undefined && { etag }),
      ...(conditional && {
        options: {
          concurrency: StateConcurrencyEnum.CONCURRENCY_FIRST_WRITE,
          consistency: StateConsistencyEnum.CONSISTENCY_STRONG,
        },
      }),
      ...(ttlSeconds !== undefined && { metadata: { ttlInSeconds: String(ttlSeconds) } }),
    };
    await sdk.call(async ({ state }) => {
      // The SDK returns what went wrong; nobody may go on as if it were saved.
      const { error } = await state.save(component, [item]);
      if (error !== undefined) throw error;
    }, signal);
  }

  async function save(key: string, value: unknown, options: SaveOptions): Promise<void> {
    try {
      await write(key, value, options);
    } catch (error) {
      // Redis answers 500 to a create-only save of a key that exists: only a look tells the two apart.
      const unclear =
        error instanceof UpstreamError &&
        (error.status ?? 0) >= 500 &&
        !refusesWrites(error.detail ?? '');
      if (options.ifAbsent !== true || !unclear) throw error;
      if (!(await getMany([key], options.signal)).has(key)) throw error;
      throw new UpstreamError({ upstream: 'dapr', code: 'conflict', status: 409 });
    }
  }

  return {
    getMany,
    async get<T>(key: string, signal?: AbortSignal) {
      return (await getMany<T>([key], signal)).get(key) ?? null;
    },
    save: (key, value, options = {}) =>
      writes.execute(() => save(key, value, options), { signal: options.signal, retry: false }),
    async delete(key, signal) {
      // The SDK leaves the encoding to us: a `+` would arrive as a blank, and delete nothing.
      const inPath = encodeURIComponent(checkedKey(key));
      const remove = () =>
        sdk.call(async ({ state }) => {
          const { error } = await state.delete(component, inPath);
          if (error !== undefined) throw error;
        }, signal);
      await writes.execute(remove, { signal, retry: false });
    },
  };
}

/** The entries of a bulk read; throws for one that could not be read. */
function readBulk(answer: unknown): z.infer<typeof bulkSchema> {
  const parsed = bulkSchema.safeParse(answer);
  if (!parsed.success) throw new UpstreamError({ upstream: 'dapr', code: 'bad_answer' });
  const error = parsed.data.find((one) => one.error !== undefined && one.error !== '')?.error;
  if (error !== undefined)
    throw new UpstreamError({ upstream: 'dapr', code: 'unreachable', detail: error });
  return parsed.data;
}

/** Narrow on purpose: `||` parts an app's prefix from the key, and a path decodes `%2F`. */
function checkedKey(key: string): string {
  if (/^[\w.:@=+~-]{1,512}$/.test(key)) return key;
  throw new RangeError('a state key is 1 to 512 letters, digits or ._:@=+~-');
}
