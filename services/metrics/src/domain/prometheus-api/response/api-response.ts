/** How a response came about with regard to the caches, and why in a few words. */
export interface CacheStatus {
  readonly cache: 'hit' | 'partial' | 'miss' | 'bypass';
  readonly reason: string;
}

/** A response of the scoped Prometheus API. */
export interface ApiResponse extends CacheStatus {
  readonly status: number;
  /** Whether it shares the upstream request of another caller. */
  readonly shared: boolean;
  /** Seconds until the store began to respond; null where no request was sent to it. */
  readonly storeSeconds: number | null;
  /** Whole, or in chunks as it arrives: it must be read, or the caller's signal aborted. */
  readonly body: Buffer | AsyncIterable<Buffer>;
}
