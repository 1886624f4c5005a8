import { CommunicationProtocolEnum, DaprClient, type LoggerService, LogLevel } from '@dapr/dapr';

import { currentContext } from '../context.js';
import { startDeadline, untilAborted } from '../deadline.js';
import { UpstreamError } from '../errors.js';
import { parseJson } from '../json.js';
import type { Http } from '../request.js';
import { buildingBlockError } from './sidecar-error.js';

export interface SdkOptions {
  baseUrl: string;
  apiToken: string | undefined;
  timeoutMs: number;
  http: Http;
}

/** The Dapr SDK's client with its traps closed: every failure throws, and in time. */
export interface Sdk {
  call<T>(fn: (client: DaprClient) => Promise<T>, signal?: AbortSignal): Promise<T>;
  stop(): Promise<void>;
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

/** Clients alive in this process: the SDK's connections are one static pool that any `stop` destroys. */
let alive = 0;

export function createSdk({ baseUrl, apiToken, timeoutMs, http }: SdkOptions): Sdk {
  const url = new URL(baseUrl);
  const client = new DaprClient({
    daprHost: `${url.protocol}//${url.hostname}`,
    daprPort: url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port,
    communicationProtocol: CommunicationProtocolEnum.HTTP,
    // Empty and not absent: the SDK would look into the environment.
    daprApiToken: apiToken ?? '',
    logger: { level: LogLevel.Warn, service: silent },
  });
  let stopped = false;
  let started = false;
  alive += 1;

  return {
    async call(fn, signal = currentContext()?.signal) {
      if (!started) await checkSidecar(http, signal);
      started = true;
      // The SDK knows neither deadline nor abort; its request goes on unheard when either is up.
      const deadline = startDeadline('dapr', timeoutMs, signal);
      try {
        return await untilAborted(fn(client), 'dapr', deadline.signal);
      } catch (error) {
        throw error instanceof UpstreamError ? error : sdkError(error);
      } finally {
        deadline.done();
      }
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      alive -= 1;
      if (alive === 0) await client.stop();
    },
  };
}

/**
 * The SDK's first call asks this of the sidecar every half second for half a minute, whatever it is
 * told; so it is let go only when the answer is good.
 */
async function checkSidecar(http: Http, signal?: AbortSignal): Promise<void> {
  const { status, text } = await http.request({ method: 'GET', path: '/v1.0/metadata', signal });
  if (status >= 300) throw buildingBlockError(status, text);
}

/** The SDK's errors carry status and body as JSON in their message; those of its fetch a code. */
function sdkError(error: unknown): UpstreamError {
  const { message = '', code } = error as { message?: string; code?: string };
  const answer = parseJson(message) as { status?: number; error_msg?: string } | undefined;
  if (typeof answer?.status === 'number') {
    return buildingBlockError(answer.status, answer.error_msg ?? '');
  }
  return new UpstreamError({ upstream: 'dapr', code: 'unreachable', detail: code });
}
