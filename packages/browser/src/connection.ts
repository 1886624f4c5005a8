import { ApiError, errorOf } from './api-error.js';

export interface ConnectionOptions {
  /** Where the gateway has the API: `/api`, or `https://bud.example/api` from another origin (CORS). */
  baseUrl: string;
  /**
   * The token to show; called for each request, so that it may be renewed. After a 401 it is called once more,
   * with the token that was refused. Without a function none is shown.
   */
  token?: ((refused?: string) => string | Promise<string>) | undefined;
  /** Instead of the global one. */
  fetch?: typeof fetch | undefined;
}

/** A request below the base URL. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  /** Sent as JSON; undefined for none. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** A status beside success that carries an answer. */
  readonly alsoStatus?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Sends a request and resolves with its response once that is a success; else throws an `ApiError`. */
export type Send = (call: Call) => Promise<Response>;

export function createSend({ baseUrl, token, fetch: own }: ConnectionOptions): Send {
  const base = baseUrl.replace(/\/+$/, '');
  const request = async (call: Call, shown: string | undefined): Promise<Response> => {
    const { method, body, signal } = call;
    const headers = {
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(shown !== undefined && { authorization: `Bearer ${shown}` }),
      ...call.headers,
    };
    try {
      return await (own ?? fetch)(`${base}${call.path}${queryOf(call.query)}`, {
        method,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      });
    } catch (cause) {
      if (signal?.aborted === true) throw cause;
      const message = 'The API cannot be reached';
      throw new ApiError({ code: 0, type: 'NetworkError', message }, { cause });
    }
  };
  return async (call) => {
    const shown = await token?.();
    let response = await request(call, shown);
    if (response.status === 401 && token && shown !== undefined) {
      const renewed = await token(shown);
      if (renewed !== shown) response = await request(call, renewed);
    }
    if (!response.ok && response.status !== call.alsoStatus) throw await errorOf(response);
    return response;
  };
}

function queryOf(query: Call['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const one of typeof value === 'string' ? [value] : value) parameters.append(name, one);
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
