import { Router } from 'express';
import { z } from 'zod';
import type { RouteContext } from '../context.js';
import { folderOf } from '../responses/dashboard.js';
import { bind, notFound, refuse } from '../responses/errors.js';
import { saveRow } from '../save.js';
import type { Row } from '../store.js';

const collection = '/apis/dashboard.grafana.app/v2beta1/namespaces/default/dashboards';
const resourceBody = z.object({ spec: z.looseObject({ title: z.string() }) });

/** Where a dashboard of the new schema is read and written. */
export const newSchemaPath = (uid: string): string => `${collection}/${uid}`;

/** Whether somebody saved it with dynamic dashboards: then `/api` does not give it any more. */
export const isOfNewSchema = ({ data }: Row): boolean => 'elements' in data;

/** Dashboards of the new schema, as the pages of Grafana 12 and later save them. */
export function dashboardResourceRoutes({ store, auth, dialect }: RouteContext): Router {
  const router = Router();
  if (dialect === '9.4') return router;

  const answer = (row: Row) => ({
    kind: 'Dashboard',
    metadata: {
      name: row.uid,
      generation: row.version,
      resourceVersion: String(row.version),
      annotations: { 'grafana.app/folder': folderOf(store, row)?.uid ?? '' },
    },
    spec: row.data,
  });
  const find = (uid: string): Row => {
    const row = store.rowOf(uid);
    if (row === undefined) throw notFound();
    return row;
  };

  router.get(`${collection}/:uid`, (req, res) => {
    auth.require(req, 'Viewer', 'dashboards:read');
    res.json(answer(find(req.params.uid)));
  });

  router.put(`${collection}/:uid`, (req, res) => {
    const by = auth.require(req, 'Editor', 'dashboards:write');
    const { uid, folderId } = find(req.params.uid);
    const data = { ...bind(req, resourceBody).spec, uid };
    const request = { data, isFolder: false, folderId, overwrite: true, message: '', by };
    const saved = saveRow(store, request, { uniqueTitles: false });
    if (typeof saved === 'string') throw refuse(400, saved);
    res.json(answer(saved));
  });

  return router;
}
