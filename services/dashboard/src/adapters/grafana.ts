import type { GrafanaClient } from '@bud-monitoring/client/grafana';
import { UpstreamError } from '@bud-monitoring/client';
import type { JsonObject } from '../domain/templates/json.js';
import type { Clock, Grafana, Log, Prerequisites, PublicDashboard } from '../ports.js';
import { createClusterProbe } from './cluster-probe.js';
import { createDatasourceKeeper, type DatasourceOptions } from './datasource.js';
import { toFailure } from './grafana-failure.js';

/** How long folder and data source count as being there: reconciles come in bursts. */
const prerequisitesMs = 30_000;

export interface GrafanaAdapterOptions {
  client: GrafanaClient;
  clock: Clock;
  log: Log;
  /** Title of the folder; null for General. */
  folder: string | null;
  datasource: DatasourceOptions;
}

/** The Grafana port over the Grafana client: every error becomes a `Failure`. */
export function createGrafana(options: GrafanaAdapterOptions): Grafana {
  const { client, clock, folder } = options;
  const keepDatasource = createDatasourceKeeper(options);
  let prerequisites: { until: number; result: Promise<Prerequisites> } | null = null;

  /** One call; after a failure the folder is looked up again, as it may be what is missing. */
  async function call<T>(run: () => Promise<T>, changes: boolean): Promise<T> {
    try {
      return await run();
    } catch (error) {
      const failure = toFailure(error, { changes });
      prerequisites = null;
      throw failure;
    }
  }
  const read = <T>(run: () => Promise<T>) => call(run, false);
  const change = <T>(run: () => Promise<T>) => call(run, true);

  async function findOrCreate(): Promise<Prerequisites> {
    const datasource = await keepDatasource();
    const folderUid = folder === null ? null : await client.ensureFolder(folder);
    return { folderUid, datasource };
  }

  return {
    retryLogin: () => client.retryLogin(),
    ensurePrerequisites() {
      if (prerequisites === null || clock.now() > prerequisites.until)
        prerequisites = { until: clock.now() + prerequisitesMs, result: change(findOrCreate) };
      return prerequisites.result;
    },
    probeCluster: createClusterProbe(options),
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
    findDashboardsByTag: (tag, signal) => read(() => client.findDashboardsByTag(tag, signal)),
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
    getPublicDashboard: (uid, signal) =>
      read(async () => {
        const publicDashboard = await client.getPublicDashboard(uid, signal);
        return publicDashboard === null ? null : storedFields(publicDashboard);
      }),
    createPublicDashboard: (uid, signal) =>
      change(async () => storedFields(await client.createPublicDashboard(uid, signal))),
    updatePublicDashboard: (uid, publicDashboardUid, isEnabled, signal) =>
      change(async () =>
        storedFields(
          await client.updatePublicDashboard(uid, publicDashboardUid, { isEnabled }, signal),
        ),
      ),
    deletePublicDashboard: (uid, publicDashboardUid, signal) =>
      change(() => client.deletePublicDashboard(uid, publicDashboardUid, signal)),
    allPublicDashboards: (signal) => read(() => client.listPublicDashboards(signal)),
    listPublicDashboards: (uid, signal) =>
      read(async () => {
        const all = await client.listPublicDashboards(signal);
        return all.filter(({ dashboardUid }) => dashboardUid === uid).map((one) => one.uid);
      }),
  };
}

/** Only the fields a record stores: a record with more in it would look changed forever. */
function storedFields({ uid, accessToken, isEnabled }: PublicDashboard): PublicDashboard {
  return { uid, accessToken, isEnabled };
}
