import type { ClusterId, DashboardEvent } from '@bud-monitoring/contracts';
import type { ClusterNeed } from './domain/grafana/cluster-needs.js';
import type { DatasourceChoice } from './domain/grafana/datasource.js';
import type { JsonObject } from './domain/templates/json.js';

/** Current time; `now` is in Unix milliseconds. */
export interface Clock {
  now(): number;
}

/** Calls back after `ms` milliseconds; the returned function cancels. */
export interface Timers {
  after(ms: number, callback: () => void): () => void;
}

/** A fixed sentence and fields. */
export interface Log {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** The state store cannot be reached, or its answers cannot be used. */
export class StoreDown extends Error {
  override readonly name = 'StoreDown';
}

/** A stored value and the etag to write over it with. */
export interface Entry {
  value: unknown;
  etag: string;
}

/**
 * Precondition of a save: this etag, no value yet, or none. The store takes no save without one where a
 * value was ever saved with one: of one key, all or none have it.
 */
export type Expected = { etag: string } | 'absent' | 'any';

/** The Dapr state store. Every failure is a `StoreDown`. */
export interface Store {
  get(key: string): Promise<Entry | null>;
  getMany(keys: readonly string[]): Promise<Map<string, Entry>>;
  /** False when the precondition does not hold: another writer came first. */
  save(key: string, value: unknown, expected: Expected, ttlSeconds?: number): Promise<boolean>;
  /** For what no other writer may bring back: a late save with an old etag would. */
  delete(key: string): Promise<void>;
}

/** A dashboard as Grafana stores it. */
export interface CurrentDashboard {
  dashboard: JsonObject;
  version: number;
  /** Empty for the General folder. */
  folderUid: string;
  isFolder: boolean;
}

/** A public dashboard: Grafana's object behind a public link. */
export interface PublicDashboard {
  uid: string;
  accessToken: string;
  isEnabled: boolean;
}

/** Folder and data source of all dashboards. */
export interface Prerequisites {
  /** Null for General. */
  folderUid: string | null;
  datasource: DatasourceChoice;
}

/** What the store says of a cluster, as far as its dashboards depend on it. */
export interface ClusterProbe {
  /** How agents write its id as label; null where there are no samples. */
  labels: readonly string[] | null;
  /** Of the slowest exporter whose rates are shown; null where there are no samples yet. */
  scrapeSeconds: number | null;
  has: ReadonlySet<ClusterNeed>;
}

/** Grafana's API. Every failure is a `Failure`. */
export interface Grafana {
  /** Lets the next call go out, though the credentials were refused a short time ago. */
  retryLogin(): void;
  /** Finds or creates the folder and the data source. */
  ensurePrerequisites(signal: AbortSignal): Promise<Prerequisites>;
  /** Has the next call of that look again, however short ago they were found. */
  forgetPrerequisites(): void;
  /** Asks the store behind the data source; null where it does not say. Never fails. */
  probeCluster(
    id: ClusterId,
    datasourceUid: string,
    signal: AbortSignal,
  ): Promise<ClusterProbe | null>;
  /** Whether that store has series of a metric; null where it does not say. Never fails. */
  hasSeries(metric: string, datasourceUid: string, signal: AbortSignal): Promise<boolean | null>;
  getDashboard(uid: string, signal: AbortSignal): Promise<CurrentDashboard | null>;
  /** All dashboards with this tag. */
  findDashboardsByTag(
    tag: string,
    signal: AbortSignal,
  ): Promise<{ uid: string; title: string; tags: string[] }[]>;
  /** Saves over the version the dashboard carries; `stale` when Grafana has another. */
  saveDashboard(request: {
    dashboard: JsonObject & { uid: string; title: string };
    folderUid: string | null;
    message: string;
    signal: AbortSignal;
  }): Promise<{ version: number } | 'stale'>;
  /** False when there was none. */
  deleteDashboard(uid: string, signal: AbortSignal): Promise<boolean>;
  getPublicDashboard(dashboardUid: string, signal: AbortSignal): Promise<PublicDashboard | null>;
  /** With the uid and token of `keep` where Grafana takes them. */
  createPublicDashboard(
    dashboardUid: string,
    keep: PublicDashboard | null,
    signal: AbortSignal,
  ): Promise<PublicDashboard>;
  updatePublicDashboard(
    dashboardUid: string,
    publicDashboardUid: string,
    isEnabled: boolean,
    signal: AbortSignal,
  ): Promise<PublicDashboard>;
  /** False when there was none. */
  deletePublicDashboard(
    dashboardUid: string,
    publicDashboardUid: string,
    signal: AbortSignal,
  ): Promise<boolean>;
  /** All public dashboards of the organisation, several of one dashboard too; up to 5 s old unless `fresh`. */
  allPublicDashboards(
    signal: AbortSignal,
    options?: { fresh?: boolean },
  ): Promise<(PublicDashboard & { dashboardUid: string })[]>;
}

/** Publishes events about dashboards; throws when the broker did not take one. */
export interface EventPublisher {
  publish(topic: string, event: DashboardEvent): Promise<void>;
}

/** Clusters that have series in the metric store; throws when it cannot be queried. */
export interface ClusterDiscoverySource {
  /** Ids that may have samples at `now` (Unix ms); a superset of those that have. */
  candidates(now: number): Promise<ClusterId[]>;
  /** Which of `ids` had a sample in the five minutes before `at` (Unix ms). */
  activeAt(ids: readonly ClusterId[], at: number): Promise<Set<ClusterId>>;
}

/** The service's own metrics, as the domain counts them. */
export interface Meter {
  /** Seconds from the event or request to the dashboards in Grafana. */
  provisioned(seconds: number): void;
  grafanaWrite(kind: 'save' | 'delete' | 'share'): void;
  drift(): void;
  failure(code: string): void;
  /** What a cluster is called, by its newest record; null where it has no name, or is deleted. */
  clusterName(id: ClusterId, name: { value: string; time: number } | null): void;
  /** Clusters that are not known and have dashboards of ours in Grafana. */
  orphans(count: number): void;
  /** A message became a dead letter. */
  deadLetter(): void;
  /** The oldest dead letters were dropped, since there were too many. */
  deadLettersDropped(count: number): void;
}
