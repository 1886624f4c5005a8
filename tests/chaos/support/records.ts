import { isDeepStrictEqual } from 'node:util';
import { shardKeyOf } from '../../../services/dashboard/src/domain/state/shards.js';
import { asFirstRelease } from '../../dashboard/support/first-release.js';
import { clusterIdSchema } from '@bud-monitoring/contracts';

/** A field of a later version: who reads and writes a record must keep it. */
const laterField = { fromLater: { kept: true } };

type Stored = Record<string, unknown> & {
  desired: object;
  observed: { writer?: object };
};

/** What another version of the service has made of a record that this one wrote. */
export const otherVersions = {
  /** One that runs beside this one, has other templates, and knows more fields. */
  later: (record: Stored): unknown => ({
    ...record,
    ...laterField,
    desired: { ...record.desired, ...laterField },
    observed: {
      ...record.observed,
      ...(record.observed.writer && {
        writer: { ...record.observed.writer, startedAt: Date.now(), templates: 'later' },
      }),
    },
  }),
  /** The first release, which drops what it does not know. */
  earlier: asFirstRelease,
};
export type OtherVersion = keyof typeof otherVersions;

/** The records of bud-dashboard, read and written through its sidecar as another replica would. */
export interface Records {
  /** Rewrites the record of a cluster; nothing where there is none, or the store is down. */
  rewrite(clusterId: string, version: OtherVersion): Promise<void>;
  /** Puts a record there that this version cannot read, and lists it in the index. */
  addUnreadable(clusterId: string): Promise<void>;
  /** What is wrong with records that a later version wrote, one line each. */
  damage(): Promise<string[]>;
}

interface Entry {
  key: string;
  data?: unknown;
  etag?: string;
}

export function createRecords(sidecar: { url: string; apiToken: string }): Records {
  const unreadable = { v: 99, wholly: 'other' };
  const added = new Set<string>();
  /** Those last written by a later version, and not by an earlier one since. */
  const later = new Set<string>();

  const post = (path: string, body: unknown) =>
    fetch(`${sidecar.url}/v1.0/state/statestore${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'dapr-api-token': sidecar.apiToken },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(5_000),
    });
  const read = async (keys: string[]): Promise<Entry[]> => {
    const response = await post('/bulk', { keys, parallelism: 16 });
    // Parsed here: an object of `response.json()` is of another realm, and never strictly equal to ours.
    return JSON.parse(await response.text()) as Entry[];
  };
  /** False where another writer came first, or the store is down. */
  const write = async (key: string, value: unknown, etag?: string): Promise<boolean> => {
    const options = { concurrency: 'first-write', consistency: 'strong' };
    const response = await post('', [{ key, value, options, ...(etag && { etag }) }]);
    await response.body?.cancel();
    return response.ok;
  };

  return {
    async rewrite(clusterId, version) {
      const key = `cluster:${clusterId}`;
      try {
        for (let tries = 0; tries < 5; tries += 1) {
          const [entry] = await read([key]);
          if (entry?.data === undefined) return;
          const next = otherVersions[version](entry.data as Stored);
          if (!(await write(key, next, entry.etag))) continue;
          if (version === 'later') later.add(clusterId);
          else later.delete(clusterId);
          return;
        }
      } catch {
        // The sidecar is down: this version writes nothing now.
      }
    },
    async addUnreadable(clusterId) {
      try {
        if (!(await write(`cluster:${clusterId}`, unreadable))) return;
        added.add(clusterId);
        const shard = shardKeyOf(clusterIdSchema.parse(clusterId));
        const [entry] = await read([shard]);
        const { clusters = {} } = (entry?.data ?? {}) as { clusters?: object };
        await write(
          shard,
          { v: 1, clusters: { ...clusters, [clusterId]: { open: true } } },
          entry?.etag,
        );
      } catch {
        // The sidecar is down.
      }
    },
    async damage() {
      const ids = [...added, ...later];
      const entries = await read(ids.map((id) => `cluster:${id}`));
      return entries.flatMap(({ key, data }) => {
        if (added.has(key.replace('cluster:', '')))
          return isDeepStrictEqual(data, unreadable)
            ? []
            : [`${key} was written over: ${JSON.stringify(data)}`];
        const { fromLater, desired } = (data ?? {}) as Partial<Stored>;
        return fromLater && desired && 'fromLater' in desired
          ? []
          : [`${key} has lost the fields of a later version`];
      });
    },
  };
}
