import { Router, type Request } from 'express';
import { folderOf, rowUrl } from '../responses/dashboard.js';
import type { RouteContext } from '../context.js';
import type { Row, Store } from '../store.js';

/** `GET /api/search`. `folderUIDs` is read by later versions only; 9.4 passes over it without a word. */
export function searchRoute({ store, dialect }: RouteContext): Router {
  return Router().get('/api/search', (req, res) => {
    const [type] = values(req, 'type');
    const [query = ''] = values(req, 'query');
    const [limit = '1000'] = values(req, 'limit');
    const [number = '1'] = values(req, 'page');
    const tags = values(req, 'tag');
    const uids = [...values(req, 'dashboardUIDs'), ...values(req, 'dashboardUID')];
    const folderIds = dialect === '9.4' ? values(req, 'folderIds') : [];
    const folderUids = dialect === '9.4' ? [] : values(req, 'folderUIDs');

    const found = store.rows.filter(
      (row) =>
        (type === undefined || (type === 'dash-folder') === row.isFolder) &&
        row.title.toLowerCase().includes(query.toLowerCase()) &&
        tags.every((tag) => tagsOf(row).includes(tag)) &&
        (uids.length === 0 || uids.includes(row.uid)) &&
        (folderIds.length === 0 || folderIds.includes(String(row.folderId))) &&
        (folderUids.length === 0 || folderUids.includes(folderOf(store, row)?.uid ?? 'general')),
    );
    // The database cuts by bytes, the answer is then ordered for people.
    found.sort((a, b) => (a.title < b.title ? -1 : Number(a.title > b.title)));
    const from = (Number(number) - 1) * Number(limit);
    const page = found.slice(from, from + Number(limit));
    page.sort((a, b) => a.title.toLowerCase().localeCompare(b.title.toLowerCase()));
    res.json(page.map((row) => hit(store, row)));
  });
}

function hit(store: Store, row: Row) {
  const { id, uid, title, slug, isFolder } = row;
  const folder = folderOf(store, row);
  return {
    id,
    uid,
    title,
    uri: `db/${slug}`,
    url: rowUrl(row),
    slug: '',
    type: isFolder ? 'dash-folder' : 'dash-db',
    tags: tagsOf(row),
    isStarred: false,
    sortMeta: 0,
    ...(folder && {
      folderId: folder.id,
      folderUid: folder.uid,
      folderTitle: folder.title,
      folderUrl: rowUrl(folder),
    }),
  };
}

const tagsOf = ({ data }: Row): unknown[] => (Array.isArray(data['tags']) ? data['tags'] : []);

/** Every value of a query parameter, given once or many times; empty ones are as good as absent. */
const values = (req: Request, name: string): string[] =>
  [req.query[name]]
    .flat()
    .filter((value): value is string => typeof value === 'string' && value !== '');
