import { createServer } from 'node:http';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { copyFile, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { service, type AppOptions, type RunningApp, type Stack } from '@bud-monitoring/stack';
import { call, get, type Got } from './bare-client.js';
import { end } from './data.js';

/** The product's Dapr resources but for the cron binding: no alerts in the middle of a measurement. */
const withoutCron = await mkdtemp(join(tmpdir(), 'bench-components-'));
const log = `${withoutCron}.log`;
process.once('exit', () => {
  for (const path of [withoutCron, log]) rmSync(path, { recursive: true, force: true });
});
const components = fileURLToPath(new URL('../../../components', import.meta.url));
for (const name of await readdir(components))
  if (name !== 'evaluate-alerts.yaml')
    await copyFile(join(components, name), join(withoutCron, name));

/** bud-metrics as it is built, in a process of its own whose clock stands still. */
export function frozenService(environment: Record<string, string> = {}): AppOptions {
  const { command = [process.execPath], ...rest } = service('metrics', {
    BENCH_NOW: String(end),
    ...environment,
  });
  const [program, ...args] = command;
  const clock = new URL('./frozen-clock.js', import.meta.url).href;
  return {
    ...rest,
    // Its log goes to a file: whoever reads it must not be the one who measures.
    command: ['/bin/sh', '-c', `exec "$0" "$@" >> ${log}`, program, '--import', clock, ...args],
    sidecar: { resources: withoutCron },
  };
}

/** bud-cluster that knows no more than the store does. */
export const emptyBudCluster: AppOptions = {
  appId: 'bud-cluster',
  async start({ port }) {
    const server = createServer((request, response) => {
      const nodes = request.url?.endsWith('/nodes') === true;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(nodes ? { param: { nodes: [] } } : { data: {} }));
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return {
      async close() {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      },
    };
  },
};

/** Asks a service as a caller with a token does. */
export function createCaller(token: string) {
  const headers = { authorization: `Bearer ${token}`, 'accept-encoding': 'identity' };
  return async function answer(app: RunningApp, path: string, keep = false): Promise<Got> {
    const got = await call(app.url, get(path), { headers, keep });
    if (got.status !== 200) throw new Error(`${path} answered ${got.status}: ${got.text}`);
    return got;
  };
}

export type Caller = ReturnType<typeof createCaller>;

/** How many requests a Prometheus has answered by its query API. */
export async function storeRequests(url: string): Promise<number> {
  const { text } = await call(url, get('/metrics'), { keep: true });
  const lines = text.matchAll(
    /^prometheus_http_requests_total\{[^}]*handler="\/api\/v1\/[^}]*\} (\S+)$/gm,
  );
  return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
}

export function prometheusOf({ prometheus }: Stack): string {
  if (prometheus === undefined) throw new Error('the stack has no Prometheus');
  return prometheus.url;
}
