/** One call of another Dapr app through the sidecar. */
export interface InvokeRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path of the callee, each segment already made by `pathSegment`; with or without a leading slash. */
  path: string;
  query?: Record<string, string | readonly string[]> | undefined;
  /** Sent as JSON. */
  body?: unknown;
  headers?: Record<string, string> | undefined;
  /** Milliseconds the whole call may take; the client's own limit otherwise. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** The callee's answer, whatever its status; `body` is parsed JSON, or text where it is none. */
export interface InvokeResponse {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

export interface PublishOptions {
  /** Sent to the pub/sub component, as `ttlInSeconds` or `rawPayload`. */
  metadata?: Record<string, string> | undefined;
  signal?: AbortSignal | undefined;
  /** Attributes of the CloudEvent; without it the sidecar wraps the data itself. */
  cloudEvent?: { id?: string; type?: string; time?: string; source?: string } | undefined;
}

/** A stored value with the etag that a conditional save must name. */
export interface StateEntry<T> {
  value: T;
  etag: string;
}

export interface SaveOptions {
  /** Save only if the key still has this etag. A key that does not exist takes any etag. */
  etag?: string | undefined;
  /** Save only if the key does not exist yet. */
  ifAbsent?: boolean | undefined;
  /** Seconds the key lives. A later save without it leaves the life of the key as it is. */
  ttlSeconds?: number | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * One state store component. Keys are letters, digits and `._:@=+~-` (others mean a path, a query or
 * another app's prefix to the sidecar): a `RangeError` says so. Every failure is an `UpstreamError`.
 */
export interface StateStore {
  /** The value and its etag, or `null` where the key does not exist. */
  get<T>(key: string, signal?: AbortSignal): Promise<StateEntry<T> | null>;
  /** Writes; a race lost to another writer (`etag`, `ifAbsent`) is an error with code `conflict`. */
  save(key: string, value: unknown, options?: SaveOptions): Promise<void>;
  /** All that exist of `keys`, by key, in one request. */
  getMany<T>(keys: readonly string[], signal?: AbortSignal): Promise<Map<string, StateEntry<T>>>;
  /**
   * Removes the key. Never part of a protocol: a late writer with an old etag brings a deleted key
   * back, so what must stay gone is saved as a tombstone.
   */
  delete(key: string, signal?: AbortSignal): Promise<void>;
}

/** What a sidecar has loaded: components in the scope of its app, and subscriptions to topics. */
export interface SidecarMetadata {
  components: string[];
  subscriptions: { pubsub: string; topic: string }[];
}

/** What both services need of their sidecar. Nothing here retries: Dapr's resiliency does. */
export interface Dapr {
  /**
   * Calls another app. Its answers of any status are returned; what the sidecar could not deliver is
   * an `UpstreamError` (`unreachable`, `timeout`, `cancelled`, `forbidden`).
   */
  invoke(appId: string, request: InvokeRequest): Promise<InvokeResponse>;
  /** Publishes; resolves once the broker has the event, throws an `UpstreamError` otherwise. */
  publish(pubsub: string, topic: string, data: unknown, options?: PublishOptions): Promise<void>;
  /** The state store component of that name. */
  state(store: string): StateStore;
  /** Whether the sidecar and its components are up, whatever our own state; never throws. */
  healthy(signal?: AbortSignal): Promise<boolean>;
  /** What the sidecar has loaded; it says nothing of what it passed over. */
  metadata(signal?: AbortSignal): Promise<SidecarMetadata>;
  /** Closes all connections. Calls in flight fail. */
  stop(): Promise<void>;
}
