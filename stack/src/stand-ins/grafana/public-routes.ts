import { Router } from 'express';
import { z } from 'zod';
import { bind, refuseShare } from './answers.js';
import { panelsOf, publicAnswer } from './dashboard-answer.js';
import type { Parts } from './parts.js';
import { sharePage } from './page.js';
import { queryFrames, readTime } from './prometheus-frames.js';
import type { Row, Share } from './store.js';

const timeRange = z.object({ from: z.string(), to: z.string() });
const queryBody = z.object({
  maxDataPoints: z.number().positive().default(100),
  timeRange: timeRange.optional(),
});

/** What a reader without an account sees: the dashboard, its panels' data, and the page itself. */
export function publicRoutes(
  { store, dialect }: Omit<Parts, 'auth'>,
  { prometheusUrl, clock }: { prometheusUrl: string | undefined; clock: { now(): number } },
): Router {
  const router = Router();
  const path = '/api/public/dashboards/:token';

  const find = (token: string): { share: Share; row: Row } => {
    if (!/^[0-9a-f]{32}$/i.test(token))
      throw refuseShare(400, 'invalidAccessToken', 'Invalid access token');
    const share = store.shares.find((other) => other.accessToken === token);
    if (share?.isEnabled === false && dialect === 'later')
      throw refuseShare(403, 'notEnabled', 'Public dashboard paused');
    const row = store.rows.find(({ uid }) => uid === share?.dashboardUid);
    if (share?.isEnabled !== true || row === undefined)
      throw refuseShare(404, 'notFound', 'Public dashboard not found');
    return { share, row };
  };

  router.get(path, (req, res) => {
    const { share, row } = find(req.params.token);
    res.json(publicAnswer(row, share, { queries: dialect === '9.4' }));
  });

  router.post(`${path}/panels/:panelId/query`, async (req, res) => {
    const { share, row } = find(req.params.token);
    const sent = bind(req, queryBody, refuseShare(400, 'badRequest', 'Bad request'));
    const panel = panelsOf(row.data).find(({ id }) => String(id) === req.params.panelId);
    if (panel === undefined)
      throw refuseShare(404, 'panelNotFound', 'Public dashboard panel not found');
    const broken = () => refuseShare(500, 'internalServerError', 'Internal server error');
    if (prometheusUrl === undefined) throw broken();

    const own = timeRange.catch({ from: 'now-1h', to: 'now' }).parse(row.data['time']);
    const range = share.timeSelectionEnabled ? (sent.timeRange ?? own) : own;
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
    const share = store.shares.find((other) => other.accessToken === token && other.isEnabled);
    const row = store.rows.find(({ uid }) => uid === share?.dashboardUid);
    res.type('html').send(sharePage(row, token));
  });

  return router;
}
