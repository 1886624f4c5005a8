import type { ClusterId } from '@bud-monitoring/contracts';
import type { ClusterRecord } from './record.js';

/**
 * One page over all clusters in the order of their ids: at most `limit` rows, of those that may be
 * seen and that `present` does not drop; `next` is the id to go on after.
 */
export async function pageOf<Row>(options: {
  /** All ids, sorted. */
  ids: () => Promise<ClusterId[]>;
  load: (ids: readonly ClusterId[]) => Promise<ClusterRecord[]>;
  present: (record: ClusterRecord) => Row | null;
  maySee: (id: ClusterId) => boolean;
  after: ClusterId | null;
  limit: number;
}): Promise<{ rows: Row[]; next: ClusterId | null }> {
  const { load, present, maySee, after, limit } = options;
  const ids = (await options.ids()).filter((id) => (after === null || id > after) && maySee(id));
  const rows: Row[] = [];
  // Deleted clusters are dropped after loading, so one batch may not fill the page.
  for (let from = 0; from < ids.length; from += limit) {
    for (const record of await load(ids.slice(from, from + limit))) {
      const row = present(record);
      if (row === null) continue;
      rows.push(row);
      if (rows.length === limit) return { rows, next: record.id === ids.at(-1) ? null : record.id };
    }
  }
  return { rows, next: null };
}
