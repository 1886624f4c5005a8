import { Router } from 'express';
import { z } from 'zod';
import { bind, refuse } from '../responses/errors.js';
import type { RouteContext } from '../context.js';
import { shortUid, type Datasource } from '../store.js';

const body = z.object({
  name: z.string().min(1),
  type: z.string().min(1),
  access: z.string().min(1),
  uid: z.string().default(''),
  url: z.string().default(''),
  user: z.string().default(''),
  database: z.string().default(''),
  basicAuth: z.boolean().default(false),
  basicAuthUser: z.string().default(''),
  withCredentials: z.boolean().default(false),
  isDefault: z.boolean().default(false),
  jsonData: z.record(z.string(), z.unknown()).default({}),
  secureJsonData: z.record(z.string(), z.string()).default({}),
  version: z.number().default(0),
});
type Body = z.infer<typeof body>;

const unknown = () => refuse(404, 'Data source not found');

/** `/api/datasources` by uid and by name. */
export function datasourceRoutes({ store, auth, dialect }: RouteContext): Router {
  const router = Router();

  const find = (key: 'uid' | 'name', value: string): Datasource => {
    const found = store.datasources.find((source) => source[key] === value);
    if (found === undefined) throw unknown();
    return found;
  };
  const checkUrl = (url: string) => {
    if (url !== '' && !URL.canParse(url.includes('://') ? url : `http://${url}`))
      throw refuse(400, 'Validation error, invalid URL', '');
  };
  const remove = (source: Datasource) => {
    store.datasources = store.datasources.filter((other) => other !== source);
    store.wrote('datasourcesDeleted');
    return { id: source.id, message: 'Data source deleted' };
  };
  const put = (source: Datasource) => {
    if (source.isDefault) for (const other of store.datasources) other.isDefault = false;
    store.datasources = [...store.datasources.filter(({ id }) => id !== source.id), source];
    store.wrote('datasourcesSaved');
  };

  router.get('/api/datasources', (req, res) => {
    auth.require(req, 'Viewer', 'datasources:read');
    const list = store.datasources.toSorted((a, b) => a.name.localeCompare(b.name));
    res.json(list.map(listItem));
  });

  router.post('/api/datasources', (req, res) => {
    auth.require(req, 'Admin', 'datasources:create');
    const sent = bind(req, body);
    checkUrl(sent.url);
    for (const key of ['name', 'uid'] as const) {
      if (store.datasources.some((source) => source[key] === sent[key]))
        throw refuse(409, `data source with the same ${key} already exists`, '');
    }
    const source = stored(sent, { id: store.nextId('datasource'), version: 1 });
    put(source);
    res.json(changed(source, 'Datasource added'));
  });

  router.get('/api/datasources/uid/:uid', (req, res) => {
    auth.require(req, 'Viewer', 'datasources:read');
    res.json(full(find('uid', req.params.uid)));
  });
  router.get('/api/datasources/uid/:uid/health', () => {
    throw refuse(404, 'Not found', '');
  });
  router.get('/api/datasources/name/:name', (req, res) => {
    auth.require(req, 'Viewer', 'datasources:read');
    res.json(full(find('name', req.params.name)));
  });
  if (dialect === '9.4') {
    router.get('/api/datasources/id/:name', (req, res) => {
      res.json({ id: find('name', req.params.name).id });
    });
  }

  router.put('/api/datasources/uid/:uid', (req, res) => {
    auth.require(req, 'Admin', 'datasources:write');
    const sent = bind(req, body);
    checkUrl(sent.url);
    const { id, secureJsonData } = find('uid', req.params.uid);
    const source = stored(sent, { id, secureJsonData, version: sent.version + 1 });
    put(source);
    res.json(changed(source, 'Datasource updated'));
  });

  router.delete('/api/datasources/uid/:uid', (req, res) => {
    auth.require(req, 'Admin', 'datasources:delete');
    res.json(remove(find('uid', req.params.uid)));
  });
  router.delete('/api/datasources/name/:name', (req, res) => {
    auth.require(req, 'Admin', 'datasources:delete');
    res.json(remove(find('name', req.params.name)));
  });

  return router;
}

/** As it is kept; secrets that are not sent again stay. */
function stored(
  sent: Body,
  kept: { id: number; version: number; secureJsonData?: Record<string, string> },
): Datasource {
  const secureJsonData = { ...kept.secureJsonData, ...sent.secureJsonData };
  return { ...sent, ...kept, uid: sent.uid === '' ? shortUid() : sent.uid, secureJsonData };
}

/** Of the secrets it only tells that there are any. */
const full = ({ secureJsonData, ...source }: Datasource) => ({
  ...source,
  secureJsonFields: Object.fromEntries(Object.keys(secureJsonData).map((key) => [key, true])),
  orgId: 1,
  typeLogoUrl: '',
  readOnly: false,
});

const changed = (source: Datasource, message: string) => ({
  datasource: full(source),
  id: source.id,
  message,
  name: source.name,
});

function listItem(source: Datasource) {
  const { id, uid, name, type, access, url, user, database, basicAuth, isDefault, jsonData } =
    source;
  return {
    id,
    uid,
    orgId: 1,
    name,
    type,
    access,
    url,
    user,
    database,
    basicAuth,
    isDefault,
    jsonData,
    typeName: type.charAt(0).toUpperCase() + type.slice(1),
    typeLogoUrl: `public/app/plugins/datasource/${type}/img/${type}_logo.svg`,
    readOnly: false,
  };
}
