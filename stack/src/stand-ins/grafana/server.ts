import express from 'express';
import { listen } from '../listen.js';
import { createTraffic, type Traffic } from '../traffic.js';
import { answerRefusal, notFound, refuse } from './answers.js';
import { createAuth, type User } from './auth.js';
import { dashboardRoutes } from './dashboards.js';
import { datasourceRoutes } from './datasources.js';
import { folderOf } from './dashboard-answer.js';
import { folderRoutes } from './folders.js';
import type { Dialect } from './parts.js';
import { publicRoutes } from './public-routes.js';
import { searchRoute } from './search.js';
import { healthRoute, serverRoutes } from './server-routes.js';
import { createAccount, createToken, serviceAccountRoutes } from './service-accounts.js';
import { shareListRoute, shareRoutes } from './shares.js';
import {
  createStore,
  type JsonObject,
  type Role,
  type Row,
  type Share,
  type Store,
  type WriteCounts,
} from './store.js';

interface GrafanaStandInOptions {
  /** 0 (the default): a free one. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 9.4. */
  dialect?: Dialect;
  /** Who may sign in by password; default `admin` with the password `admin`. */
  users?: readonly User[];
  /** Without it the panels of a shared dashboard have no data. */
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

/** A running stand-in: its address, what went through it, what it holds, and the ways to break it. */
export interface GrafanaStandIn extends AsyncDisposable, Omit<Traffic, 'handler'> {
  readonly url: string;
  readonly port: number;
  readonly writes: Readonly<WriteCounts>;
  dashboards: () => StoredDashboard[];
  shares: () => Share[];
  /** A new service account's token of that role, for a bearer header. */
  token: (role: Role) => string;
  /** Forgets everything, users apart. */
  wipe: () => void;
  close: () => Promise<void>;
}

/** Starts a server that answers as a recorded Grafana did, for what the product asks of one. */
export async function startGrafanaStandIn(
  options: GrafanaStandInOptions = {},
): Promise<GrafanaStandIn> {
  const { dialect = '9.4', clock = Date, stateFile, prometheusUrl } = options;
  const users = options.users ?? [{ login: 'admin', password: 'admin' }];
  const store = createStore({ clock, stateFile });
  const auth = createAuth({ store, clock, users });
  const parts = { store, auth, dialect };
  // A share's token opens the dashboard to anybody, so it is no part of the record.
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
  app.use(healthRoute(parts));
  app.use(auth.handler);
  app.use(publicRoutes(parts, { prometheusUrl, clock }));
  app.use(shareRoutes(parts));
  app.use('/api', (req, _res, next) => {
    if (auth.callerOf(req) === null) throw refuse(401, 'Unauthorized');
    next();
  });
  app.use(serverRoutes(parts), searchRoute(parts), shareListRoute(parts), folderRoutes(parts));
  app.use(dashboardRoutes(parts), datasourceRoutes(parts), serviceAccountRoutes(parts));
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
    shares: () => store.shares.map((share) => ({ ...share })),
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
