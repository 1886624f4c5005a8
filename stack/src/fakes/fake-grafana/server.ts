import express from 'express';
import { listen } from '../listen.js';
import { createTraffic, type Traffic } from '../traffic.js';
import { answerRefusal, notFound, refuse } from './responses/errors.js';
import { createAuth, type User } from './auth.js';
import { dashboardResourceRoutes } from './routes/dashboard-resources.js';
import { dashboardRoutes } from './routes/dashboards.js';
import { datasourceRoutes } from './routes/datasources.js';
import { folderOf } from './responses/dashboard.js';
import { createQueries } from './routes/queries.js';
import { folderRoutes } from './routes/folders.js';
import type { Dialect } from './context.js';
import { anonymousRoutes } from './routes/anonymous.js';
import { searchRoute } from './routes/search.js';
import { healthRoute, serverInfoRoutes } from './routes/server-info.js';
import { createAccount, createToken, serviceAccountRoutes } from './routes/service-accounts.js';
import { publicDashboardListRoute, publicDashboardRoutes } from './routes/public-dashboards.js';
import {
  createStore,
  type JsonObject,
  type Role,
  type Row,
  type PublicDashboard,
  type Store,
  type WriteCounts,
} from './store.js';

interface FakeGrafanaOptions {
  /** 0 (the default): a free one. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 9.4. */
  dialect?: Dialect;
  /** Who may sign in by password; default `admin` with the password `admin`. */
  users?: readonly User[];
  /** Asked in place of the address that each data source has. */
  prometheusUrl?: string | undefined;
  /** Keeps the state over a restart; without it everything is forgotten. */
  stateFile?: string | undefined;
  /** Default true; false forbids frames by header, as Grafana does unless configured otherwise. */
  allowEmbedding?: boolean;
  /** Unix milliseconds. */
  clock?: { now(): number };
}

interface StoredDashboard {
  uid: string;
  title: string;
  version: number;
  /** Empty for General. */
  folderUid: string;
  data: JsonObject;
}

/** A running fake: its address, what went through it, what it holds, and the ways to break it. */
export interface FakeGrafana extends AsyncDisposable, Omit<Traffic, 'handler'> {
  readonly url: string;
  readonly port: number;
  readonly writes: Readonly<WriteCounts>;
  dashboards: () => StoredDashboard[];
  publicDashboards: () => PublicDashboard[];
  /** A new service account's token of that role, for a bearer header. */
  token: (role: Role) => string;
  /** Forgets everything, users apart. */
  wipe: () => void;
  close: () => Promise<void>;
}

/** Starts a server that answers as a recorded Grafana did, for what the product asks of one. */
export async function startFakeGrafana(options: FakeGrafanaOptions = {}): Promise<FakeGrafana> {
  const { dialect = '9.4', clock = Date, stateFile, prometheusUrl } = options;
  const users = options.users ?? [{ login: 'admin', password: 'admin' }];
  const store = createStore({ clock, stateFile });
  const auth = createAuth({ store, clock, users });
  const context = { store, auth, dialect };
  // A public dashboard's token opens the dashboard to anybody, so it is no part of the record.
  const mask = (path: string) =>
    path.replace(/^(\/api\/public\/dashboards|\/public-dashboards)\/[^/]+/, '$1/***');
  const traffic = createTraffic({ mask });

  const app = express().disable('x-powered-by').disable('etag');
  app.use(traffic.handler);
  app.use((_req, res, next) => {
    if (options.allowEmbedding === false) res.set('X-Frame-Options', 'deny');
    next();
  });
  app.use(express.text({ type: () => true, limit: '10mb' }));
  app.use(healthRoute(context));
  app.use(auth.handler);
  const queries = createQueries(context, { prometheusUrl, clock });
  app.use(anonymousRoutes(context, queries));
  app.use(publicDashboardRoutes(context));
  app.use('/api', (req, _res, next) => {
    if (auth.callerOf(req) === null) throw refuse(401, 'Unauthorized');
    next();
  });
  app.use(
    serverInfoRoutes(context),
    searchRoute(context),
    publicDashboardListRoute(context),
    folderRoutes(context),
  );
  app.use(dashboardRoutes(context), dashboardResourceRoutes(context));
  app.use(datasourceRoutes(context), serviceAccountRoutes(context));
  app.use(queries.router);
  app.use(() => {
    throw notFound();
  });
  app.use(answerRefusal);

  const { url, port, close } = await listen(app, options);
  return Object.assign(traffic, {
    url,
    port,
    close,
    writes: store.writes,
    wipe: store.wipe,
    dashboards: () => store.rows.filter((row) => !row.isFolder).map((row) => describe(store, row)),
    publicDashboards: () =>
      store.publicDashboards.map((publicDashboard) => ({ ...publicDashboard })),
    token: (role: Role) => {
      const name = `${role} ${store.lastId.account + 1}`;
      const account = createAccount(store, { name, role, isDisabled: false });
      return createToken(store, account, { name, secondsToLive: 0 }).key;
    },
    [Symbol.asyncDispose]: close,
  });
}

function describe(store: Store, row: Row): StoredDashboard {
  const { uid, title, version } = row;
  const folderUid = folderOf(store, row)?.uid ?? '';
  return { uid, title, version, folderUid, data: structuredClone(row.data) };
}
