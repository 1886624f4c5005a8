import type { GrafanaClient } from '@bud-monitoring/client/grafana';
import { runDetached, UpstreamError } from '@bud-monitoring/client';
import type { JsonObject } from '../domain/templates/json.js';
import type { Clock, Grafana, Log, Prerequisites, PublicDashboard } from '../ports.js';
import { createStoreProbes } from './store-probes.js';
import { createDatasourceKeeper, type DatasourceOptions } from './datasource.js';
import { toFailure } from './grafana-failure.js';

/** How long folder and data source count as being there: reconciles come in bursts. */
const prerequisitesMs = 30_000;
/** How old the list of all links may be: reconciles come in bursts. */
const linksMs = 5_000;

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
  let links: { until: number; result: ReturnType<GrafanaClient['listPublicDashboards']> } | null =
    null;
  let prerequisites: { until: number; result: Promise<Prerequisites> } | null = null;

  /** One call; after a failure the folder is looked up again, as it may be what is missing. */
  async function call<T>(run: () => Promise<T>, changes: boolean): Promise<T> {
    try {
      return await run();
    } catch (error) {
      const failure = toFailure(error, { changes });
      prerequisites = null;
      links = null;
      throw failure;
    }
  }
  const read = <T>(run: () => Promise<T>) => call(run, false);
  const change = <T>(run: () => Promise<T>) => call(run, true);
  const changeLinks = <T>(run: () => Promise<T>) =>
    change(run).finally(() => {
      links = null;
    });

  async function findOrCreate(): Promise<Prerequisites> {
    const datasource = await keepDatasource();
    const folderUid = folder === null ? null : await client.ensureFolder(folder);
    return { folderUid, datasource };
  }

  return {
    retryLogin: () => client.retryLogin(),
    ensurePrerequisites() {
      if (prerequisites === null || clock.now() > prerequisites.until)
        prerequisites = {
          until: clock.now() + prerequisitesMs,
          result: runDetached(() => change(findOrCreate)),
        };
      return prerequisites.result;
    },
    forgetPrerequisites() {
      prerequisites = null;
    },
    ...createStoreProbes(options),
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
    createPublicDashboard: (uid, keep, signal) =>
      changeLinks(async () => storedFields(await client.createPublicDashboard(uid, keep, signal))),
    updatePublicDashboard: (uid, publicDashboardUid, isEnabled, signal) =>
      changeLinks(async () =>
        storedFields(
          await client.updatePublicDashboard(uid, publicDashboardUid, { isEnabled }, signal),
        ),
      ),
    deletePublicDashboard: (uid, publicDashboardUid, signal) =>
      changeLinks(() => client.deletePublicDashboard(uid, publicDashboardUid, signal)),
    allPublicDashboards(signal, { fresh = false } = {}) {
      // Not by the signal of one caller: others wait for the same list.
      if (fresh) return read(() => client.listPublicDashboards(signal));
      if (links === null || clock.now() > links.until)
        links = {
          until: clock.now() + linksMs,
          result: runDetached(() => read(() => client.listPublicDashboards())),
        };
      return links.result;
    },
  };
}

/** Only the fields a record stores: a record with more in it would look changed forever. */
function storedFields({ uid, accessToken, isEnabled }: PublicDashboard): PublicDashboard {
  return { uid, accessToken, isEnabled };
}
