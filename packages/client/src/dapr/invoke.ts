import { UpstreamError } from '../errors.js';
import { parseJson } from '../json.js';
import type { HttpClient } from '../http/http-client.js';
import { pathSegment } from '../http/url.js';
import { sidecarFault } from './sidecar-error.js';
import type { Dapr } from './types.js';

/**
 * Invocation over our own HTTP and not the SDK's: that one has neither deadline nor abort, drops
 * status codes, falsy bodies and trace headers, and cannot read compressed answers on some Nodes.
 */
export function createInvoke(http: HttpClient): Dapr['invoke'] {
  return async (appId, { method, path, query, body, headers, timeoutMs, signal }) => {
    const response = await http.request({
      method,
      path: `/v1.0/invoke/${pathSegment(appId)}/method/${path.replace(/^\/+/, '')}`,
      query,
      headers,
      json: body,
      timeoutMs,
      signal,
    });
    const { status, text } = response;
    if (status === 401 && text.trim() === 'invalid api token') {
      throw new UpstreamError({ upstream: 'dapr', code: 'unauthorized', status, detail: text });
    }
    const fault = status >= 400 ? sidecarFault(text) : undefined;
    if (fault !== undefined) {
      // Whatever the sidecar could not deliver (unknown app, dead app, open breaker) comes as 500.
      const code = status === 403 ? 'forbidden' : 'unreachable';
      throw new UpstreamError({ upstream: 'dapr', code, status, detail: fault.detail });
    }
    if (status === 200 && text === '') {
      // What the sidecar makes of a connection that broke before there was an answer.
      const detail = 'the app broke off';
      throw new UpstreamError({ upstream: 'dapr', code: 'unreachable', status, detail });
    }
    return { status, headers: response.headers, body: parseJson(text) ?? text };
  };
}
