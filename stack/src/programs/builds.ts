import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { goBuild, type BuildContext } from './go-build.js';

const DAPRD_VERSION = '1.16.0'; // newer ones acknowledge what failed on Redis: docs/stack.md
const DAPRD_MODULE = fileURLToPath(new URL('../../tools/daprd', import.meta.url));
const PROMETHEUS_VERSION = '3.16.0';
const PROM_LABEL_PROXY_VERSION = '0.15.0';
const PROMETHEUS_MODULE = 'v0.316.0'; // how Go counts the same release

/** daprd with the components of tools/daprd. */
export async function buildDaprd(context: BuildContext): Promise<string> {
  const version = (variable: string) => `-X github.com/dapr/${variable}=${DAPRD_VERSION}`;
  const flags = `-s -w ${version('dapr/pkg/buildinfo.version')} ${version('kit/logger.DaprVersion')}`;
  const [daprd = ''] = await goBuild(context, {
    name: 'daprd',
    version: DAPRD_VERSION,
    ...{ go: '1.24.6', variable: 'DAPRD_BIN' },
    programs: ['daprd'],
    args: ['install', '-trimpath', '-ldflags', flags, '.'],
    cwd: DAPRD_MODULE,
    sources: ['go.mod', 'go.sum', 'main.go'].map((file) => join(DAPRD_MODULE, file)),
  });
  return daprd;
}

/** Prometheus 3.16 and its promtool, without service discovery and web interface. */
export async function buildPrometheus(
  context: BuildContext,
): Promise<{ prometheus: string; promtool: string }> {
  const module = (name: string) =>
    `github.com/prometheus/prometheus/cmd/${name}@${PROMETHEUS_MODULE}`;
  const [prometheus = '', promtool = ''] = await goBuild(context, {
    name: 'prometheus',
    version: PROMETHEUS_VERSION,
    ...{ go: '1.26.7', variable: 'PROMETHEUS_BIN' },
    programs: ['prometheus', 'promtool'],
    args: [
      ...['install', '-trimpath', '-ldflags', '-s -w'],
      ...['-tags', 'netgo,slicelabels,remove_all_sd'],
      module('prometheus'),
      module('promtool'),
    ],
    cwd: '/',
  });
  return { prometheus, promtool };
}

/** prom-label-proxy, which benches measure the scoped Prometheus API against. */
export async function buildPromLabelProxy(context: BuildContext): Promise<string> {
  const module = 'github.com/prometheus-community/prom-label-proxy';
  const [program = ''] = await goBuild(context, {
    name: 'prom-label-proxy',
    version: PROM_LABEL_PROXY_VERSION,
    ...{ go: '1.25.0', variable: 'PROM_LABEL_PROXY_BIN' },
    programs: ['prom-label-proxy'],
    args: ['install', '-trimpath', '-ldflags', '-s -w', `${module}@v${PROM_LABEL_PROXY_VERSION}`],
    cwd: '/',
  });
  return program;
}
