import { eventTimeFromMs } from '@bud-monitoring/cluster-events';
import { clusterIdSchema, type ClusterId } from '@bud-monitoring/contracts';
import type { Clock, Grafana } from '../ports.js';
import type { CredentialsPause } from './grafana/credentials-pause.js';
import { Failure } from './grafana/failure.js';
import type { DesiredStateWriter } from './state/desired-state-writer.js';
import type { SharingPolicy } from './state/desired.js';
import { UnreadableRecord, type Records } from './state/record-store.js';
import { dashboardStatus } from './state/status.js';
import { clusterTagPrefix, mainUidOf, managedTag, nameInTitle } from './templates/render.js';

/** Dashboards of ours in Grafana, of a cluster that nothing is known of. */
export interface Orphan {
  id: ClusterId;
  /** By the title of the main dashboard; the id where there is none. */
  name: string;
}

/** Finds what the state store has lost, and gives it back or away on command. */
export interface Orphans {
  /** All orphans, by one search in Grafana, sorted by id. Throws `StoreDown`, `Failure`. */
  list(): Promise<Orphan[]>;
  /** Makes the cluster known again; its dashboards and link stay. False where it is no orphan. */
  adopt(id: ClusterId): Promise<boolean>;
  /** Desires that its dashboards and link are removed. False where it is no orphan. */
  remove(id: ClusterId): Promise<boolean>;
}

const deadlineMs = 10_000;

/** Orphans by the tags of our dashboards. */
export function createOrphans(options: {
  grafana: Grafana;
  credentialsPause: CredentialsPause;
  records: Records;
  desiredState: DesiredStateWriter;
  sharing: SharingPolicy;
  clock: Clock;
}): Orphans {
  const { grafana, credentialsPause, records, desiredState, sharing, clock } = options;

  async function search() {
    await credentialsPause.check();
    const signal = AbortSignal.timeout(deadlineMs);
    try {
      // Shared by all: credentials that are wrong are tried once.
      await grafana.ensurePrerequisites(signal);
      return await grafana.findDashboardsByTag(managedTag, signal);
    } catch (error) {
      if (error instanceof Failure && error.kind === 'unauthorized') await credentialsPause.begin();
      throw error;
    }
  }

  async function list(): Promise<Orphan[]> {
    const found = await search();
    const candidates = new Map<ClusterId, Orphan>();
    for (const { uid, title, tags } of found) {
      const id = clusterOf(uid, tags);
      if (id === null) continue;
      const name = uid === mainUidOf(id) ? nameInTitle(title, id) : null;
      candidates.set(id, { id, name: name ?? candidates.get(id)?.name ?? id });
    }
    const now = clock.now();
    for (const record of await records.getMany([...candidates.keys()])) {
      const known =
        record instanceof UnreadableRecord || dashboardStatus(record, sharing, now) !== null;
      if (known) candidates.delete(record.id);
    }
    return [...candidates.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  const find = async (id: ClusterId) => (await list()).find((orphan) => orphan.id === id) ?? null;

  return {
    list,
    async adopt(id) {
      const orphan = await find(id);
      if (orphan === null) return false;
      // Whatever event comes or is replayed is newer, unless the cluster is known to be deleted.
      const time = eventTimeFromMs((await records.get(id)) === null ? 0 : clock.now());
      const name = orphan.name === id ? null : orphan.name;
      await desiredState.handleEvent({ kind: 'discovered', clusterId: id, name, time });
      return true;
    },
    async remove(id) {
      if ((await find(id)) === null) return false;
      const time = eventTimeFromMs(0);
      await desiredState.handleEvent({ kind: 'deleted', clusterId: id, name: null, time });
      return true;
    },
  };
}

/** Whose dashboard it is, by its tag; null for a copy, which has the tags and another uid. */
function clusterOf(uid: string, tags: readonly string[]): ClusterId | null {
  for (const tag of tags) {
    if (!tag.startsWith(clusterTagPrefix)) continue;
    const id = clusterIdSchema.safeParse(tag.slice(clusterTagPrefix.length));
    if (!id.success) continue;
    const own = mainUidOf(id.data);
    if (uid === own || uid.startsWith(`${own}-`)) return id.data;
  }
  return null;
}
