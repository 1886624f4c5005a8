import { Router } from 'express';
import { bind, refusePublicDashboard } from '../responses/errors.js';
import { publicAnswer } from '../responses/dashboard.js';
import type { RouteContext } from '../context.js';
import { publicDashboardPage } from '../responses/public-page.js';
import type { PublicDashboard, Row } from '../store.js';
import type { Queries } from './queries.js';

/** What a reader without an account sees: the dashboard, its panels' data, and the page itself. */
export function anonymousRoutes(
  { store, dialect }: Omit<RouteContext, 'auth'>,
  queries: Queries,
): Router {
  const router = Router();
  const path = '/api/public/dashboards/:token';

  const find = (token: string): { publicDashboard: PublicDashboard; row: Row } => {
    if (!/^[0-9a-f]{32}$/i.test(token))
      throw refusePublicDashboard(400, 'invalidAccessToken', 'Invalid access token');
    const publicDashboard = store.publicDashboards.find((other) => other.accessToken === token);
    if (publicDashboard?.isEnabled === false && dialect === 'later')
      throw refusePublicDashboard(403, 'notEnabled', 'Public dashboard paused');
    const row = publicDashboard && store.rowOf(publicDashboard.dashboardUid);
    if (publicDashboard?.isEnabled !== true || row === undefined)
      throw refusePublicDashboard(404, 'notFound', 'Public dashboard not found');
    return { publicDashboard, row };
  };

  router.get(path, (req, res) => {
    const { publicDashboard, row } = find(req.params.token);
    res.json(publicAnswer(row, publicDashboard, { queries: dialect === '9.4' }));
  });

  router.post(`${path}/panels/:panelId/query`, async (req, res) => {
    const shared = find(req.params.token);
    const sent = bind(
      req,
      queries.publicBody,
      refusePublicDashboard(400, 'badRequest', 'Bad request'),
    );
    res.json(await queries.panel(shared, req.params.panelId, sent));
  });

  // The real page is one application for every token, and only then asks whether there is a dashboard.
  router.get('/public-dashboards/:token', (req, res) => {
    const { token } = req.params;
    const publicDashboard = store.publicDashboards.find(
      (other) => other.accessToken === token && other.isEnabled,
    );
    const row = publicDashboard && store.rowOf(publicDashboard.dashboardUid);
    res.type('html').send(publicDashboardPage(row, token));
  });

  return router;
}
