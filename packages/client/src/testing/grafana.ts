import { createGrafanaClient, type GrafanaOptions } from '../grafana/client.js';
import type { FakeUpstream } from './upstream.js';

/** A Grafana client with the user `admin` and the password `hush`. */
export const clientOf = (grafana: FakeUpstream, options: Partial<GrafanaOptions> = {}) =>
  createGrafanaClient({
    scheme: 'http',
    url: grafana.url.replace('http://', ''),
    username: 'admin',
    password: 'hush',
    ...options,
  });

/** The JSON body of the last request. */
export const bodyOf = (grafana: FakeUpstream): unknown =>
  JSON.parse(grafana.seen.at(-1)?.body ?? 'null');
