import { CommunicationProtocolEnum, DaprClient, type LoggerService, LogLevel } from '@dapr/dapr';

import { untilAborted } from '../resilience/deadline.js';
import { UpstreamError } from '../errors.js';
import { parseJson } from '../json.js';
import type { HttpClient, HttpRequest } from '../http/http-client.js';
import { buildingBlockError } from './sidecar-error.js';

export interface SdkOptions {
  baseUrl: string;
  apiToken: string | undefined;
  http: HttpClient;
}

/** The Dapr SDK's client with its traps closed: every failure throws, and in time. */
export interface Sdk {
  call<T>(fn: (client: DaprClient) => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/** The SDK logs to the console, at debug level with the token; its failures reach us as errors. */
const nowhere = () => undefined;
const silent: LoggerService = {
  error: nowhere,
  warn: nowhere,
  info: nowhere,
  verbose: nowhere,
  debug: nowhere,
};

export function createSdk({ baseUrl, apiToken, http }: SdkOptions): Sdk {
  const url = new URL(baseUrl);
  const client = new DaprClient({
    daprHost: `${url.protocol}//${url.hostname}`,
    daprPort: url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port,
    communicationProtocol: CommunicationProtocolEnum.HTTP,
    // Empty and not absent: the SDK would look into the environment.
    daprApiToken: apiToken ?? '',
    logger: { level: LogLevel.Warn, service: silent },
  });
  // The SDK's own knows neither deadline nor abort, is one pool for all clients of a process, and
  // waits half a minute for a sidecar that is not there.
  client.daprClient.getClient = () => Promise.resolve(fetchOver(http));

  return {
    async call(fn, signal) {
      try {
        const running = fn(client);
        // A signal of the context ends the request itself.
        return await (signal === undefined ? running : untilAborted(running, 'dapr', signal));
      } catch (error) {
        throw error instanceof UpstreamError ? error : sdkError(error);
      }
    },
  };
}

/** As much of `fetch` as the SDK uses. */
function fetchOver(http: HttpClient) {
  return async (url: string, init: Pick<HttpRequest, 'method' | 'headers' | 'body'>) => {
    const path = url.slice(url.indexOf('/v1.0/'));
    const { status, text } = await http.request({ ...init, path });
    return { status, statusText: '', text: () => text };
  };
}

/** The SDK's errors carry status and body as JSON in their message. */
function sdkError(error: unknown): UpstreamError {
  const { message = '' } = error as { message?: string };
  const answer = parseJson(message) as { status?: number; error_msg?: string } | undefined;
  if (typeof answer?.status === 'number') {
    return buildingBlockError(answer.status, answer.error_msg ?? '');
  }
  return new UpstreamError({ upstream: 'dapr', code: 'bad_answer' });
}
