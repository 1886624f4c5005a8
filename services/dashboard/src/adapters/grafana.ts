import type { GrafanaClient } from '@bud-monitoring/client/grafana';
import { UpstreamError } from '@bud-monitoring/client';
import { chooseDatasource, type Chosen } from '../domain/grafana/datasource.js';
import type { JsonObject } from '../domain/templates/json.js';
import type { Clock, Grafana, Log, Prepared, Share } from '../ports.js';
import { toFailure } from './grafana-failure.js';

/** How long what was prepared counts as being there. */
const preparedMs = 10 * 60_000;
/** How long it is not looked whether somebody has made clear which data source to take. */
const unclearMs = 30_000;

export interface GrafanaAdapterOptions {
  client: GrafanaClient;
  clock: Clock;
  log: Log;
  /** Title of the folder; null for General. */
  folder: string | null;
  /** With a `url` it is made where it is missing; without, another of its type is taken. */
  datasource: { uid: string; url: string | null };
}

/** Grafana as the domain wants it: one kind of failure, and folder and data source seen to. */
export function createGrafana(options: GrafanaAdapterOptions): Grafana {
  const { client, clock, log, folder, datasource } = options;
  let prepared: { until: number; result: Promise<Prepared> } | null = null;
  let lastTaken: string | null = null;

  /** One call; after a failure the folder is looked for again, as it may be what is missing. */
  async function call<T>(run: () => Promise<T>, changes: boolean): Promise<T> {
    try {
      return await run();
    } catch (error) {
      const failure = toFailure(error, { changes });
      prepared = null;
      throw failure;
    }
  }
  const read = <T>(run: () => Promise<T>) => call(run, false);
  const change = <T>(run: () => Promise<T>) => call(run, true);

  async function findOrMake(): Promise<Prepared> {
    const chosen = await findOrMakeDatasource();
    if (!chosen.ok && prepared !== null) prepared.until = clock.now() + unclearMs;
    const folderUid = folder === null ? null : await client.ensureFolder(folder);
    return { folderUid, datasource: chosen };
  }

  async function findOrMakeDatasource(): Promise<Chosen> {
    const { uid, url } = datasource;
    try {
      if ((await client.findDatasource(uid)) !== null) return { ok: true, uid };
      if (url === null) return tell(chooseDatasource(await client.listDatasources(), uid));
    } catch (error) {
      // Whoever may write dashboards need not be allowed to see data sources.
      if (error instanceof UpstreamError && error.code === 'forbidden') return { ok: true, uid };
      throw error;
    }
    await client.createDatasource({ uid, name: `Bud Monitoring (${uid})`, url });
    return { ok: true, uid };
  }

  /** Says what was taken in place of the configured data source, once for each. */
  function tell(chosen: Chosen): Chosen {
    const { uid } = datasource;
    const taken = chosen.ok ? chosen.uid : null;
    if (taken === uid)
      log.warn(
        'grafana lacks the data source: set GRAFANA_DATASOURCE_UID or GRAFANA_DATASOURCE_URL',
        { datasource: uid },
      );
    else if (taken !== null && taken !== lastTaken)
      log.info('grafana lacks the configured data source: its own is taken', {
        datasource: uid,
        taken,
      });
    lastTaken = taken;
    return chosen;
  }

  return {
    prepare() {
      if (prepared === null || clock.now() > prepared.until)
        prepared = { until: clock.now() + preparedMs, result: change(findOrMake) };
      return prepared.result;
    },
    getDashboard: (uid, signal) =>
      read(async () => {
        const stored = await client.getDashboard(uid, signal);
        if (stored === null) return null;
        const { dashboard, meta } = stored;
        return {
          dashboard: dashboard as JsonObject,
          version: dashboard.version,
          folderUid: meta.folderUid,
          isFolder: meta.isFolder,
        };
      }),
    saveDashboard: ({ dashboard, folderUid, message, signal }) =>
      change(async () => {
        try {
          return await client.saveDashboard({
            dashboard,
            ...(folderUid !== null && { folderUid }),
            message,
            signal,
          });
        } catch (error) {
          if (error instanceof UpstreamError && error.detail === 'version-mismatch') return 'stale';
          throw error;
        }
      }),
    deleteDashboard: (uid, signal) => change(() => client.deleteDashboard(uid, signal)),
    getShare: (uid, signal) =>
      read(async () => {
        const share = await client.getShare(uid, signal);
        return share === null ? null : ours(share);
      }),
    createShare: (uid, signal) => change(async () => ours(await client.createShare(uid, signal))),
    enableShare: (uid, shareUid, isEnabled, signal) =>
      change(async () => ours(await client.updateShare(uid, shareUid, { isEnabled }, signal))),
    deleteShare: (uid, shareUid, signal) => change(() => client.deleteShare(uid, shareUid, signal)),
    sharesOf: (uid, signal) =>
      read(async () => {
        const shares = await client.listShares(signal);
        return shares.filter(({ dashboardUid }) => dashboardUid === uid).map((share) => share.uid);
      }),
  };
}

/** Only what is kept: a record with more in it would look changed for ever. */
function ours({ uid, accessToken, isEnabled }: Share): Share {
  return { uid, accessToken, isEnabled };
}
