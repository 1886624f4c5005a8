import type { ClusterId } from '@bud-monitoring/contracts';
import type { ClusterRecord } from './record.js';
import type { UnreadableRecord } from './record-store.js';

/**
 * One page of all clusters in the order of their ids: at most `limit` rows, of those that the caller may
 * see and for which `toRow` is not null; `next` is the id to continue after.
 */
export async function pageOf<Row>(options: {
  /** All ids, sorted. */
  ids: () => Promise<ClusterId[]>;
  load: (ids: readonly ClusterId[]) => Promise<(ClusterRecord | UnreadableRecord)[]>;
  toRow: (record: ClusterRecord | UnreadableRecord) => Row | null;
  maySee: (id: ClusterId) => boolean;
  after: ClusterId | null;
  limit: number;
}): Promise<{ rows: Row[]; next: ClusterId | null }> {
  const { load, toRow, maySee, after, limit } = options;
  const ids = (await options.ids()).filter((id) => (after === null || id > after) && maySee(id));
  const rows: Row[] = [];
  // Deleted clusters are dropped after loading, so one batch may not fill the page.
  for (let from = 0; from < ids.length; from += limit) {
    for (const record of await load(ids.slice(from, from + limit))) {
      const row = toRow(record);
      if (row === null) continue;
      rows.push(row);
      if (rows.length === limit) return { rows, next: record.id === ids.at(-1) ? null : record.id };
    }
  }
  return { rows, next: null };
}
