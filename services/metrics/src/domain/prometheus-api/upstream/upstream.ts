/** A request to the metric store. */
export interface UpstreamRequest {
  readonly method: 'GET' | 'POST';
  /** Below `/api/v1`. */
  readonly path: string;
  /** Encoded parameters, without `timeout`. */
  readonly form: string;
  /** Milliseconds it may take from now on; sent as `timeout` where the store evaluates something. */
  readonly timeoutMs: number;
}

/** A response of which the beginning has arrived. */
export interface UpstreamResponse {
  readonly status: number;
  /** All of a short body, else the beginning of a long one. */
  readonly first: Buffer;
  readonly rest: AsyncIterable<Buffer> | null;
}

/** The metric store's HTTP API, byte for byte. Throws where the store gave no response of its own. */
export interface Upstream {
  send(request: Omit<UpstreamRequest, 'timeoutMs'>, signal: AbortSignal): Promise<UpstreamResponse>;
}
