import { Router } from 'express';
import { z } from 'zod';
import { bind, refusePublicDashboard } from '../responses/errors.js';
import type { RouteContext } from '../context.js';
import { accessToken, NEVER, shortUid, type PublicDashboard, type Row } from '../store.js';

const body = z.object({
  uid: z.string().default(''),
  accessToken: z.union([z.literal(''), z.string().regex(/^[0-9a-f]{32}$/)]).default(''),
  isEnabled: z.boolean().optional(),
  annotationsEnabled: z.boolean().optional(),
  timeSelectionEnabled: z.boolean().optional(),
});

const badBody = () => refusePublicDashboard(400, 'badRequest', 'Bad request');
const invalidUid = () => refusePublicDashboard(400, 'invalidUid', 'Invalid Uid');
const publicDashboardNotFound = () =>
  refusePublicDashboard(404, 'notFound', 'Public dashboard not found');

/** Public dashboards as their owner sees them: one for each dashboard in later versions, any number in 9.4. */
export function publicDashboardRoutes({ store, auth, dialect }: RouteContext): Router {
  const router = Router();
  const path = '/api/dashboards/uid/:dashboardUid/public-dashboards';

  const findDashboard = (uid: string): Row | undefined => store.rowOf(uid);
  const dashboardNotFound = () =>
    refusePublicDashboard(404, 'dashboardNotFound', 'Dashboard not found');
  const checkUid = (uid: string) => {
    if (!/^[A-Za-z0-9_-]{1,40}$/.test(uid)) throw invalidUid();
  };
  const checkVariables = (row: Row) => {
    const templating = row.data['templating'] as { list?: unknown[] } | undefined;
    if (dialect === '9.4' && (templating?.list?.length ?? 0) > 0)
      throw refusePublicDashboard(
        400,
        'hasTemplateVariables',
        'Public dashboard has template variables',
      );
  };
  const answer = (publicDashboard: PublicDashboard) => ({
    ...publicDashboard,
    timeSettings: {},
    ...(dialect === 'later' ? { share: 'public' } : {}),
  });

  router.get(path, (req, res) => {
    auth.require(req, 'Viewer', 'dashboards:read');
    const { dashboardUid } = req.params;
    const publicDashboard = store.publicDashboards.find(
      (other) => other.dashboardUid === dashboardUid,
    );
    if (publicDashboard === undefined) throw publicDashboardNotFound();
    res.json(answer(publicDashboard));
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
    if (
      later &&
      store.publicDashboards.some(
        (publicDashboard) => publicDashboard.dashboardUid === dashboardUid,
      )
    )
      throw refusePublicDashboard(400, 'dashboardIsPublic', 'Dashboard is already public');
    if (sent.uid !== '' && store.publicDashboards.some(({ uid }) => uid === sent.uid))
      throw later
        ? refusePublicDashboard(400, 'uidExists', 'Public Dashboard Uid already exists')
        : badBody();
    const publicDashboard: PublicDashboard = {
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
    store.publicDashboards.push(publicDashboard);
    store.wrote('publicDashboardsCreated');
    res.json(answer(publicDashboard));
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
        : refusePublicDashboard(500, 'internalServerError', 'Internal server error');
    const publicDashboard = findPublicDashboard(uid, dashboardUid);
    checkVariables(dashboard);
    // PUT replaces, so what is not sent becomes false; PATCH keeps it.
    const keep = dialect === 'later' ? publicDashboard : undefined;
    publicDashboard.isEnabled = sent.isEnabled ?? keep?.isEnabled ?? false;
    publicDashboard.annotationsEnabled =
      sent.annotationsEnabled ?? keep?.annotationsEnabled ?? false;
    publicDashboard.timeSelectionEnabled =
      sent.timeSelectionEnabled ?? keep?.timeSelectionEnabled ?? false;
    publicDashboard.updatedBy = caller.id;
    publicDashboard.updatedAt = store.timestamp();
    store.wrote('publicDashboardsUpdated');
    res.json(answer(publicDashboard));
  });

  router.delete(`${path}/:uid`, (req, res) => {
    auth.require(req, 'Admin', 'dashboards.public:write');
    const publicDashboard = findPublicDashboard(req.params.uid, req.params.dashboardUid);
    store.publicDashboards = store.publicDashboards.filter((other) => other !== publicDashboard);
    store.wrote('publicDashboardsDeleted');
    res.json(null);
  });

  /** 9.4 does not look whether it belongs to the dashboard. */
  const findPublicDashboard = (uid: string, dashboardUid: string): PublicDashboard => {
    const publicDashboard = store.publicDashboards.find((other) => other.uid === uid);
    if (publicDashboard === undefined) throw publicDashboardNotFound();
    if (dialect === 'later' && publicDashboard.dashboardUid !== dashboardUid) throw invalidUid();
    return publicDashboard;
  };

  return router;
}

/** `GET /api/dashboards/public-dashboards`: enabled ones first, then by title. */
export function publicDashboardListRoute({ store, dialect }: RouteContext): Router {
  return Router().get('/api/dashboards/public-dashboards', (req, res) => {
    const list = store.publicDashboards.map(({ uid, accessToken, dashboardUid, isEnabled }) => {
      const title = store.rowOf(dashboardUid)?.title ?? '';
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
