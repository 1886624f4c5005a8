import type { ClusterState } from '@bud-monitoring/cluster-events';
import type { AlertEvent, ClusterId } from '@bud-monitoring/contracts';

/** Milliseconds since 1970, UTC. */
export interface Clock {
  readonly now: () => number;
}

export type Labels = Readonly<Record<string, string>>;

/** One value of one series; NaN and infinities are JavaScript's. */
export interface Row {
  readonly metric: Labels;
  readonly value: number;
}

/** One series as columns: `values[i]` stands at `times[i]` (Unix seconds). */
export interface RangeRow {
  readonly metric: Labels;
  readonly times: readonly number[];
  readonly values: readonly number[];
}

/** The note of an answer without a part of the store. The store's own words name servers, which callers are not told. */
export const partialNote = 'A part of the store did not answer: something may be missing';

/** What the store says of its answer. */
export interface Noted {
  /** What it says of the query, and `partialNote`. */
  readonly notes: readonly string[];
}

/** What the store answers. */
export interface Answer<T> extends Noted {
  readonly series: readonly T[];
}

/** Names of metrics, or values of a label. */
export interface Names extends Noted {
  readonly values: readonly string[];
}

/** Points of a range query, Unix seconds. */
export interface Points {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  /** Seconds after which a point may be kept; by default an hour, of steps of an hour and more. */
  readonly settlesAfter?: number;
}

/** The Prometheus-compatible store. Times and steps in Unix seconds; every failure throws. */
export interface MetricSource {
  /** An answer that is at most `maxAge` seconds older will do; without it none is. */
  query(expr: string, at: number, signal: AbortSignal, maxAge?: number): Promise<Answer<Row>>;
  queryRange(expr: string, points: Points, signal: AbortSignal): Promise<Answer<RangeRow>>;
  /** The samples that a range vector selector (`up[5m]`) selects, at the times they were taken. */
  samples(selector: string, at: number, signal: AbortSignal): Promise<Answer<RangeRow>>;
  /** Names of the metrics that have a series matching the selector between start and end. */
  metricNames(
    selector: string,
    range: { start: number; end: number },
    signal: AbortSignal,
  ): Promise<Names>;
  /** Values of a label of series matching the selector between start and end; stores may ignore `limit`. */
  labelValues(
    label: 'instance' | 'node' | 'nodename',
    selector: string,
    range: { start: number; end: number; limit?: number },
    signal: AbortSignal,
  ): Promise<Names>;
  /** How long samples are kept, in the store's words (`15d`); `null` where it does not say. Never fails. */
  retention(signal: AbortSignal): Promise<string | null>;
  /**
   * Whether the store makes one series of those of replicas, anew for each query: which samples are read then
   * depends on the range. `false` while it cannot be asked.
   */
  joinsReplicas(signal: AbortSignal): Promise<boolean>;
  /** Values of the label `cluster` between start and end. */
  clusters(range: { start: number; end: number }, signal: AbortSignal): Promise<Names>;
}

/** A node as bud-cluster knows it. */
export interface DirectoryNode {
  readonly id: string;
  /** Kubernetes node name. */
  readonly name: string;
  readonly internalIp: string | null;
  readonly devices: Record<string, unknown>[];
}

/** One Kubernetes event of a node; times ISO 8601. */
export interface DirectoryEvent {
  readonly type: string | null;
  readonly reason: string | null;
  readonly message: string | null;
  readonly count: number;
  readonly firstTimestamp: string | null;
  readonly lastTimestamp: string | null;
  readonly source: { component: string | null; host: string | null };
}

/** bud-cluster: nodes, hardware and events. Every failure throws. */
export interface NodeDirectory {
  nodes(cluster: ClusterId, signal: AbortSignal): Promise<readonly DirectoryNode[]>;
  /** Events by Kubernetes node name. */
  eventCounts(cluster: ClusterId, signal: AbortSignal): Promise<Readonly<Record<string, number>>>;
  events(cluster: ClusterId, node: string, signal: AbortSignal): Promise<readonly DirectoryEvent[]>;
}

/** What cluster events said last of a cluster. */
export interface ClusterRecord {
  /** Of the record's form; absent in records of earlier versions. */
  readonly v?: 1 | undefined;
  readonly clusterId: ClusterId;
  readonly state: 'present' | 'deleted';
  readonly name: string | null;
  /** CloudEvent time of the newest event, ms. */
  readonly time: number;
  /** All that orders its events; absent in records of earlier versions. */
  readonly events?: ClusterState | undefined;
}

/** The registry of clusters. `update` writes what `change` returns, repeated when another writer was first. */
export interface ClusterRegistry {
  get(cluster: ClusterId, signal?: AbortSignal): Promise<ClusterRecord | null>;
  update(
    cluster: ClusterId,
    change: (current: ClusterRecord | null) => ClusterRecord | null,
    signal?: AbortSignal,
  ): Promise<void>;
  /** All records there are, in one request. */
  list(signal?: AbortSignal): Promise<readonly ClusterRecord[]>;
}

export interface Entry {
  readonly value: unknown;
  readonly etag: string;
}

/** What is kept of the whole fleet, a document a key. Every failure throws. */
export interface Documents {
  get(key: string, signal: AbortSignal): Promise<Entry | null>;
  getMany(keys: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Entry>>;
  /** Writes over what was read, or where nothing was; false when another writer came first. */
  save(
    key: string,
    value: unknown,
    expected: { readonly etag: string } | 'absent',
    signal: AbortSignal,
  ): Promise<boolean>;
}

/** An event to publish. */
export interface OutgoingEvent {
  /** The same whenever it is published again, so that subscribers can deduplicate. */
  readonly id: string;
  /** When it happened, Unix seconds. */
  readonly time: number;
  readonly event: AlertEvent;
}

/** Publishes alerts; resolves once the broker has the event, else throws. */
export interface AlertPublisher {
  publish(event: OutgoingEvent, signal: AbortSignal): Promise<void>;
}

/** An alert as Alertmanager takes it; its labels identify it, times are ISO 8601. */
export interface ReceiverAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  /** When it was over; of a firing one, when it counts as over unless it is sent again. */
  readonly endsAt: string;
}

/** Who is told all alerts, again and again; a failure is logged, and made good by the next time. */
export interface AlertReceiver {
  send(alerts: readonly ReceiverAlert[], signal: AbortSignal): Promise<void>;
}

/** A fixed sentence and fields. */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}
