/** The JSON of a dashboard, as Grafana keeps it. */
export type DashboardJson = Record<string, unknown>;

/** A dashboard as it is stored now. */
export interface StoredDashboard {
  dashboard: DashboardJson & { uid: string; version: number };
  meta: {
    /** Empty for the General folder. */
    folderUid: string;
    /** Path below Grafana's root, as `/d/<uid>/<slug>`. */
    url: string;
    /** A folder answers under a dashboard's address too. */
    isFolder: boolean;
  };
}

/** A hit of a search. */
export interface FoundDashboard {
  uid: string;
  title: string;
  tags: string[];
}

export interface SaveDashboard {
  /** Carries its uid and, unless it is new, the `version` just read. */
  dashboard: DashboardJson & { uid: string; title: string };
  /** Without it Grafana moves the dashboard to General. */
  folderUid?: string | undefined;
  /** Text of the entry in Grafana's history. */
  message: string;
  signal?: AbortSignal | undefined;
}

export interface SavedDashboard {
  uid: string;
  version: number;
  url: string;
}

/** The public link of a dashboard. `accessToken` is a secret: who has it sees the dashboard. */
export interface PublicDashboard {
  uid: string;
  dashboardUid: string;
  accessToken: string;
  isEnabled: boolean;
}

/** A connection to a store, as Grafana tells it: without its secrets. */
export interface Datasource {
  uid: string;
  name: string;
  type: string;
  url: string;
  basicAuth: boolean;
  basicAuthUser: string;
  jsonData: Record<string, unknown>;
}

export interface ListedDatasource extends Datasource {
  isDefault: boolean;
}

/** What a data source of type prometheus is to be. */
export interface DatasourceSettings {
  uid: string;
  name: string;
  /** Where Grafana itself reaches the store. */
  url: string;
  basicAuth?: boolean;
  basicAuthUser?: string;
  jsonData?: Record<string, unknown>;
  /** Passwords and headers; Grafana gives them to nobody. */
  secureJsonData?: Record<string, string>;
}

/** One series of an instant query. */
export interface InstantSample {
  labels: Record<string, string>;
  value: number;
}

/**
 * Grafana 9.4 to 13 by its HTTP API. Every failure is an `UpstreamError`; what does not exist is
 * `null` or `false`.
 */
export interface GrafanaClient {
  /** Lets the next call go out, though the user's password was refused a short time ago. */
  retryLogin(): void;
  /** Whether Grafana and its database are up; needs no credentials. `version` is null where hidden. */
  health(signal?: AbortSignal): Promise<{ database: string; version: string | null }>;
  /** `allowEmbedding` is absent where it cannot be told. */
  frontendSettings(
    signal?: AbortSignal,
  ): Promise<{ allowEmbedding?: boolean; version: string | null }>;
  getDashboard(uid: string, signal?: AbortSignal): Promise<StoredDashboard | null>;
  /**
   * Saves without overwriting. `conflict` with detail `version-mismatch` (someone saved in between,
   * or an earlier try of ours went through: read again), `name-exists`, or `other-uid` when Grafana
   * took the dashboard for another one.
   */
  saveDashboard(request: SaveDashboard): Promise<SavedDashboard>;
  /** `false` when there was none. Its public link goes with it. */
  deleteDashboard(uid: string, signal?: AbortSignal): Promise<boolean>;
  getPublicDashboard(dashboardUid: string, signal?: AbortSignal): Promise<PublicDashboard | null>;
  /**
   * The enabled public link of the dashboard: made where there is none, never a second one. A call
   * for one dashboard must not run twice at once: Grafana 9.4 makes a link for each. Later ones give a
   * new link the uid and token of `keep`, the link that was there before.
   */
  createPublicDashboard(
    dashboardUid: string,
    keep?: Pick<PublicDashboard, 'uid' | 'accessToken'> | null,
    signal?: AbortSignal,
  ): Promise<PublicDashboard>;
  updatePublicDashboard(
    dashboardUid: string,
    publicDashboardUid: string,
    change: { isEnabled: boolean },
    signal?: AbortSignal,
  ): Promise<PublicDashboard>;
  /** `false` when there was none. */
  deletePublicDashboard(
    dashboardUid: string,
    publicDashboardUid: string,
    signal?: AbortSignal,
  ): Promise<boolean>;
  /** All public links of the organisation, several of one dashboard included. */
  listPublicDashboards(signal?: AbortSignal): Promise<PublicDashboard[]>;
  /** The uid of the folder of that title, made where there is none. */
  ensureFolder(title: string, signal?: AbortSignal): Promise<string>;
  findDatasource(uid: string, signal?: AbortSignal): Promise<Datasource | null>;
  /** All dashboards with this tag. */
  findDashboardsByTag(tag: string, signal?: AbortSignal): Promise<FoundDashboard[]>;
  /** All data sources that our credentials may see. */
  listDatasources(signal?: AbortSignal): Promise<ListedDatasource[]>;
  /** Makes a Prometheus data source; one that has this uid already is left as it is. */
  createDatasource(settings: DatasourceSettings, signal?: AbortSignal): Promise<Datasource>;
  /** Writes all settings of a data source; fields of `jsonData` that are not given are dropped. */
  updateDatasource(settings: DatasourceSettings, signal?: AbortSignal): Promise<Datasource>;
  /**
   * Asks a data source of type prometheus for instant values of now, by names of the caller's choice.
   * One try of 3 s at most, and no failure of the store counts as one of Grafana.
   */
  queryDatasource(
    uid: string,
    expressions: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<Map<string, InstantSample[]>>;
}
