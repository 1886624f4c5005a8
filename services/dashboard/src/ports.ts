import type { ClusterId, DashboardEvent } from '@bud-monitoring/contracts';
import type { Chosen } from './domain/grafana/datasource.js';
import type { JsonObject } from './domain/templates/json.js';

/** Where the time comes from; `now` is in Unix milliseconds. */
export interface Clock {
  now(): number;
}

/** Calls back after a while; the answer cancels. */
export interface Timers {
  after(ms: number, callback: () => void): () => void;
}

/** A fixed sentence and fields. */
export interface Log {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** The state store cannot be reached, or gives answers that cannot be used. */
export class StoreDown extends Error {
  override readonly name = 'StoreDown';
}

export interface Entry {
  value: unknown;
  etag: string;
}

/** What a save expects of the key: that etag, nothing there yet, or anything. */
export type Expected = { etag: string } | 'absent' | 'any';

/** The state store. Every failure is a `StoreDown`. */
export interface Store {
  get(key: string): Promise<Entry | null>;
  getMany(keys: readonly string[]): Promise<Map<string, Entry>>;
  /** False when the key is not as expected: another writer came first. */
  save(key: string, value: unknown, expected: Expected, ttlSeconds?: number): Promise<boolean>;
}

/** A dashboard as Grafana holds it. */
export interface CurrentDashboard {
  dashboard: JsonObject;
  version: number;
  /** Empty for the General folder. */
  folderUid: string;
  isFolder: boolean;
}

/** The public link of a dashboard. */
export interface Share {
  uid: string;
  accessToken: string;
  isEnabled: boolean;
}

/** What all dashboards need. */
export interface Prepared {
  /** Null for General. */
  folderUid: string | null;
  datasource: Chosen;
}

/** Grafana. Every failure is a `Failure`. */
export interface Grafana {
  /** Finds or makes the folder and the data source. */
  prepare(signal: AbortSignal): Promise<Prepared>;
  getDashboard(uid: string, signal: AbortSignal): Promise<CurrentDashboard | null>;
  /** Saves over the version the dashboard carries; `stale` when Grafana holds another. */
  saveDashboard(request: {
    dashboard: JsonObject & { uid: string; title: string };
    folderUid: string | null;
    message: string;
    signal: AbortSignal;
  }): Promise<{ version: number } | 'stale'>;
  /** False when there was none. */
  deleteDashboard(uid: string, signal: AbortSignal): Promise<boolean>;
  getShare(dashboardUid: string, signal: AbortSignal): Promise<Share | null>;
  createShare(dashboardUid: string, signal: AbortSignal): Promise<Share>;
  enableShare(
    dashboardUid: string,
    shareUid: string,
    isEnabled: boolean,
    signal: AbortSignal,
  ): Promise<Share>;
  /** False when there was none. */
  deleteShare(dashboardUid: string, shareUid: string, signal: AbortSignal): Promise<boolean>;
  /** The uids of all public links of one dashboard: there may be several. */
  sharesOf(dashboardUid: string, signal: AbortSignal): Promise<string[]>;
}

/** Tells the world; throws when nobody could be told. */
export interface Announcer {
  publish(topic: string, event: DashboardEvent): Promise<void>;
}

/** Which clusters can be seen in the store of metrics; throws when it cannot be asked. */
export interface Sightings {
  /** The ids that may be there at `now` (Unix ms), perhaps more than are. */
  candidates(now: number): Promise<ClusterId[]>;
  /** Which of `ids` had a sample in the five minutes before `at` (Unix ms). */
  seenAt(ids: readonly ClusterId[], at: number): Promise<Set<ClusterId>>;
}

/** What is counted. */
export interface Meter {
  /** Seconds from the event or request to the dashboard. */
  provisioned(seconds: number): void;
  grafanaWrite(kind: 'save' | 'delete' | 'share'): void;
  drift(): void;
  failure(code: string): void;
}
