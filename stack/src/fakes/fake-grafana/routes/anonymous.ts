import { Router } from 'express';
import { z } from 'zod';
import { bind, refusePublicDashboard } from '../responses/errors.js';
import { panelsOf, publicAnswer } from '../responses/dashboard.js';
import type { RouteContext } from '../context.js';
import { publicDashboardPage } from '../responses/public-page.js';
import { queryFrames, readTime } from '../responses/data-frames.js';
import type { PublicDashboard, Row } from '../store.js';

const timeRange = z.object({ from: z.string(), to: z.string() });
const queryBody = z.object({
  maxDataPoints: z.number().positive().default(100),
  timeRange: timeRange.optional(),
});

/** What a reader without an account sees: the dashboard, its panels' data, and the page itself. */
export function anonymousRoutes(
  { store, dialect }: Omit<RouteContext, 'auth'>,
  { prometheusUrl, clock }: { prometheusUrl: string | undefined; clock: { now(): number } },
): Router {
  const router = Router();
  const path = '/api/public/dashboards/:token';

  const find = (token: string): { publicDashboard: PublicDashboard; row: Row } => {
    if (!/^[0-9a-f]{32}$/i.test(token))
      throw refusePublicDashboard(400, 'invalidAccessToken', 'Invalid access token');
    const publicDashboard = store.publicDashboards.find((other) => other.accessToken === token);
    if (publicDashboard?.isEnabled === false && dialect === 'later')
      throw refusePublicDashboard(403, 'notEnabled', 'Public dashboard paused');
    const row = store.rows.find(({ uid }) => uid === publicDashboard?.dashboardUid);
    if (publicDashboard?.isEnabled !== true || row === undefined)
      throw refusePublicDashboard(404, 'notFound', 'Public dashboard not found');
    return { publicDashboard, row };
  };

  router.get(path, (req, res) => {
    const { publicDashboard, row } = find(req.params.token);
    res.json(publicAnswer(row, publicDashboard, { queries: dialect === '9.4' }));
  });

  router.post(`${path}/panels/:panelId/query`, async (req, res) => {
    const { publicDashboard, row } = find(req.params.token);
    const sent = bind(req, queryBody, refusePublicDashboard(400, 'badRequest', 'Bad request'));
    const panel = panelsOf(row.data).find(({ id }) => String(id) === req.params.panelId);
    if (panel === undefined)
      throw refusePublicDashboard(404, 'panelNotFound', 'Public dashboard panel not found');
    const broken = () => refusePublicDashboard(500, 'internalServerError', 'Internal server error');
    if (prometheusUrl === undefined) throw broken();

    const own = timeRange.catch({ from: 'now-1h', to: 'now' }).parse(row.data['time']);
    const range = publicDashboard.timeSelectionEnabled ? (sent.timeRange ?? own) : own;
    const now = Math.floor(clock.now() / 1000);
    const [from, to] = [readTime(range.from, now), readTime(range.to, now)];
    const step = Math.max(15, Math.floor((to - from) / sent.maxDataPoints / 15) * 15);
    const results = (panel.targets ?? []).map(async (target) => {
      const frames = await queryFrames(prometheusUrl, target, { from, to, step });
      return [target.refId ?? 'A', { status: 200, frames }] as const;
    });
    try {
      res.json({ results: Object.fromEntries(await Promise.all(results)) });
    } catch {
      throw broken();
    }
  });

  // The real page is one application for every token, and only then asks whether there is a dashboard.
  router.get('/public-dashboards/:token', (req, res) => {
    const { token } = req.params;
    const publicDashboard = store.publicDashboards.find(
      (other) => other.accessToken === token && other.isEnabled,
    );
    const row = store.rows.find(({ uid }) => uid === publicDashboard?.dashboardUid);
    res.type('html').send(publicDashboardPage(row, token));
  });

  return router;
}
