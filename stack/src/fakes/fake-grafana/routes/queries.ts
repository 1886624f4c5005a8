import { Router } from 'express';
import { z } from 'zod';
import type { RouteContext } from '../context.js';
import { queryFrames } from '../responses/data-frames.js';
import { panelsOf, type Target } from '../responses/dashboard.js';
import { bind, Refusal, refuse, refusePublicDashboard } from '../responses/errors.js';
import { readTime, type Resolution, type Span } from '../responses/intervals.js';
import type { Datasource, PublicDashboard, Row, Store } from '../store.js';

const timeRange = z.object({ from: z.string(), to: z.string() });
const resolution = {
  intervalMs: z.number().nonnegative().default(0),
  maxDataPoints: z.number().nonnegative().default(0),
};
const publicBody = z.object({ ...resolution, timeRange: timeRange.optional() });
const queryBody = z.object({
  ...timeRange.shape,
  queries: z
    .array(
      z.looseObject({ ...resolution, datasource: z.looseObject({ uid: z.string() }).optional() }),
    )
    .min(1),
});

/** A query, and how fine it is asked. */
type AskedTarget = Target & Pick<Resolution, 'intervalMs' | 'maxDataPoints'>;

/** What is asked through data sources: by those with an account, and by those with a link. */
export interface Queries {
  /** `POST /api/ds/query` */
  router: Router;
  /** The data of one panel for a reader without an account. */
  panel: (
    shared: { publicDashboard: PublicDashboard; row: Row },
    panelId: string,
    body: z.output<typeof publicBody>,
  ) => Promise<unknown>;
  publicBody: typeof publicBody;
}

/** `prometheusUrl` is asked in place of every data source's own address. */
export function createQueries(
  { store, auth }: Pick<RouteContext, 'store' | 'auth'>,
  { prometheusUrl, clock }: { prometheusUrl: string | undefined; clock: { now(): number } },
): Queries {
  const now = () => Math.floor(clock.now() / 1_000);

  async function run(
    targets: readonly AskedTarget[],
    span: Span,
    options: { anonymous: boolean; unknown: Refusal },
  ) {
    const results = targets.map(async (target) => {
      const source = findDatasource(store, target.datasource);
      if (source === undefined) throw options.unknown;
      const at = prometheusUrl === undefined ? source : { ...source, url: prometheusUrl };
      const frames = await queryFrames(at, target, span, target, options);
      return [target.refId ?? 'A', { status: 200, frames }] as const;
    });
    return { results: Object.fromEntries(await Promise.all(results)) };
  }

  const router = Router();
  router.post('/api/ds/query', async (req, res) => {
    auth.require(req, 'Viewer', 'datasources:query');
    const { from, to, queries } = bind(req, queryBody);
    const span = { from: readTime(from, now()), to: readTime(to, now()) };
    const unknown = refuse(404, 'Data source not found', '');
    try {
      res.json(await run(queries, span, { anonymous: false, unknown }));
    } catch (error) {
      throw error instanceof Refusal ? error : downstream();
    }
  });

  return {
    router,
    publicBody,
    async panel({ publicDashboard, row }, panelId, { timeRange: wanted, ...asked }) {
      const panel = panelsOf(row.data).find(({ id }) => String(id) === panelId);
      if (panel === undefined)
        throw refusePublicDashboard(404, 'panelNotFound', 'Public dashboard panel not found');
      const broken = refusePublicDashboard(500, 'internalServerError', 'Internal server error');
      const own = timeRange.catch({ from: 'now-1h', to: 'now' }).parse(row.data['time']);
      const range = publicDashboard.timeSelectionEnabled ? (wanted ?? own) : own;
      const span = { from: readTime(range.from, now()), to: readTime(range.to, now()) };
      const targets = (panel.targets ?? []).map((target) => ({
        ...target,
        ...asked,
        datasource: target.datasource ?? panel.datasource,
      }));
      try {
        return await run(targets, span, { anonymous: true, unknown: broken });
      } catch {
        throw broken;
      }
    },
  };
}

const downstream = () =>
  new Refusal(500, {
    message: 'An error occurred within the plugin',
    messageId: 'plugin.downstreamError',
    statusCode: 500,
    traceID: '',
  });

/** By uid; the default one where none is named. */
function findDatasource(store: Store, named: Target['datasource']): Datasource | undefined {
  return named?.uid === undefined
    ? store.datasources.find(({ isDefault }) => isDefault)
    : store.datasources.find(({ uid }) => uid === named.uid);
}
