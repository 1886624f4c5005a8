import { z } from 'zod';
import { codeOfStatus, UpstreamError } from '../errors.js';
import { createHttpClient } from '../http/http-client.js';
import { pathSegment } from '../http/url.js';
import { parseJson } from '../json.js';
import type { DaprOptions } from './dapr.js';
import { sidecarFault } from './sidecar-error.js';

/** Reads secret stores through the sidecar. */
export interface SecretReader {
  /** The values of one secret by their keys; null where the store has none of that name. Throws `UpstreamError`s. */
  read(store: string, name: string): Promise<Readonly<Record<string, string>> | null>;
  close(): void;
}

const secretSchema = z.record(z.string(), z.string());

export function createSecretReader(options: DaprOptions): SecretReader {
  const { baseUrl, apiToken, timeoutMs } = options;
  const headers = apiToken === undefined ? {} : { 'dapr-api-token': apiToken };
  const http = createHttpClient({ upstream: 'dapr', baseUrl, headers, timeoutMs });
  return {
    async read(store, name) {
      const path = `/v1.0/secrets/${pathSegment(store)}/${pathSegment(name)}`;
      const { status, text } = await http.request({ method: 'GET', path });
      if (status === 204 || status === 404) return null;
      const parsed = secretSchema.safeParse(parseJson(text));
      if (status === 200 && parsed.success) return parsed.data;
      const code = status === 200 ? 'bad_answer' : codeOfStatus(status);
      const detail = sidecarFault(text)?.detail;
      throw new UpstreamError({ upstream: 'dapr', code, status, detail });
    },
    close: () => http.close(),
  };
}
