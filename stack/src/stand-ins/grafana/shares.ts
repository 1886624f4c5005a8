import { Router } from 'express';
import { z } from 'zod';
import { bind, refuseShare } from './answers.js';
import type { Parts } from './parts.js';
import { accessToken, NEVER, shortUid, type Row, type Share } from './store.js';

const body = z.object({
  uid: z.string().default(''),
  accessToken: z.union([z.literal(''), z.string().regex(/^[0-9a-f]{32}$/)]).default(''),
  isEnabled: z.boolean().optional(),
  annotationsEnabled: z.boolean().optional(),
  timeSelectionEnabled: z.boolean().optional(),
});

const badBody = () => refuseShare(400, 'badRequest', 'Bad request');
const invalidUid = () => refuseShare(400, 'invalidUid', 'Invalid Uid');
const noShare = () => refuseShare(404, 'notFound', 'Public dashboard not found');

/** Public dashboards as their owner sees them: one share in later versions, any number in 9.4. */
export function shareRoutes({ store, auth, dialect }: Parts): Router {
  const router = Router();
  const path = '/api/dashboards/uid/:dashboardUid/public-dashboards';

  const findDashboard = (uid: string): Row | undefined => store.rows.find((row) => row.uid === uid);
  const dashboardNotFound = () => refuseShare(404, 'dashboardNotFound', 'Dashboard not found');
  const checkUid = (uid: string) => {
    if (!/^[A-Za-z0-9_-]{1,40}$/.test(uid)) throw invalidUid();
  };
  const checkVariables = (row: Row) => {
    const templating = row.data['templating'] as { list?: unknown[] } | undefined;
    if (dialect === '9.4' && (templating?.list?.length ?? 0) > 0)
      throw refuseShare(400, 'hasTemplateVariables', 'Public dashboard has template variables');
  };
  const answer = (share: Share) => ({
    ...share,
    timeSettings: {},
    ...(dialect === 'later' ? { share: 'public' } : {}),
  });

  router.get(path, (req, res) => {
    auth.require(req, 'Viewer', 'dashboards:read');
    const { dashboardUid } = req.params;
    const share = store.shares.find((other) => other.dashboardUid === dashboardUid);
    if (share === undefined) throw noShare();
    res.json(answer(share));
  });

  router.post(path, (req, res) => {
    const caller = auth.require(req, 'Admin', 'dashboards.public:write');
    const { dashboardUid } = req.params;
    checkUid(dashboardUid);
    const sent = bind(req, body, badBody());
    const dashboard = findDashboard(dashboardUid);
    if (dashboard === undefined) throw dashboardNotFound();
    checkVariables(dashboard);
    const later = dialect === 'later';
    if (later && store.shares.some((share) => share.dashboardUid === dashboardUid))
      throw refuseShare(400, 'dashboardIsPublic', 'Dashboard is already public');
    if (sent.uid !== '' && store.shares.some(({ uid }) => uid === sent.uid))
      throw later
        ? refuseShare(400, 'uidExists', 'Public Dashboard Uid already exists')
        : badBody();
    const share: Share = {
      // 9.4 makes its own uid and token whatever was sent.
      uid: later && sent.uid !== '' ? sent.uid : shortUid(),
      dashboardUid,
      accessToken: later && sent.accessToken !== '' ? sent.accessToken : accessToken(),
      isEnabled: sent.isEnabled ?? false,
      annotationsEnabled: sent.annotationsEnabled ?? false,
      timeSelectionEnabled: later && (sent.timeSelectionEnabled ?? false),
      createdBy: caller.id,
      updatedBy: 0,
      createdAt: store.timestamp(),
      updatedAt: NEVER,
    };
    store.shares.push(share);
    store.wrote('sharesCreated');
    res.json(answer(share));
  });

  router[dialect === '9.4' ? 'put' : 'patch'](`${path}/:uid`, (req, res) => {
    const caller = auth.require(req, 'Admin', 'dashboards.public:write');
    const { dashboardUid, uid } = req.params;
    checkUid(dashboardUid);
    const sent = bind(req, body, badBody());
    const dashboard = findDashboard(dashboardUid);
    if (dashboard === undefined)
      throw dialect === 'later'
        ? dashboardNotFound()
        : refuseShare(500, 'internalServerError', 'Internal server error');
    const share = findShare(uid, dashboardUid);
    checkVariables(dashboard);
    // PUT replaces, so what is not sent becomes false; PATCH keeps it.
    const keep = dialect === 'later' ? share : undefined;
    share.isEnabled = sent.isEnabled ?? keep?.isEnabled ?? false;
    share.annotationsEnabled = sent.annotationsEnabled ?? keep?.annotationsEnabled ?? false;
    share.timeSelectionEnabled = sent.timeSelectionEnabled ?? keep?.timeSelectionEnabled ?? false;
    share.updatedBy = caller.id;
    share.updatedAt = store.timestamp();
    store.wrote('sharesUpdated');
    res.json(answer(share));
  });

  router.delete(`${path}/:uid`, (req, res) => {
    auth.require(req, 'Admin', 'dashboards.public:write');
    const share = findShare(req.params.uid, req.params.dashboardUid);
    store.shares = store.shares.filter((other) => other !== share);
    store.wrote('sharesDeleted');
    res.json(null);
  });

  /** 9.4 does not look whether the share belongs to the dashboard. */
  const findShare = (uid: string, dashboardUid: string): Share => {
    const share = store.shares.find((other) => other.uid === uid);
    if (share === undefined) throw noShare();
    if (dialect === 'later' && share.dashboardUid !== dashboardUid) throw invalidUid();
    return share;
  };

  return router;
}

/** `GET /api/dashboards/public-dashboards`: enabled ones first, then by title. */
export function shareListRoute({ store, dialect }: Parts): Router {
  return Router().get('/api/dashboards/public-dashboards', (req, res) => {
    const list = store.shares.map(({ uid, accessToken, dashboardUid, isEnabled }) => {
      const title = store.rows.find((row) => row.uid === dashboardUid)?.title ?? '';
      return { uid, accessToken, title, dashboardUid, isEnabled };
    });
    list.sort(
      (a, b) =>
        Number(b.isEnabled) - Number(a.isEnabled) ||
        (a.title < b.title ? -1 : Number(a.title > b.title)),
    );
    if (dialect === '9.4') {
      res.json(list);
      return;
    }
    const page = Number(req.query['page'] ?? 1);
    const perPage = Number(req.query['perpage'] ?? 1000);
    const publicDashboards = list.slice((page - 1) * perPage, page * perPage);
    res.json({ publicDashboards, totalCount: list.length, page, perPage });
  });
}
