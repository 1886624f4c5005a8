import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Env } from './env.js';
import { goBuild, type BuildContext } from './go-build.js';
import { buildFromModule } from './go-module.js';

/** The versions of daprd that the product is tested on (docs/stack.md), and what builds each. */
const DAPRD_BUILDS = {
  '1.18.3': { go: '1.26.6', module: 'go' },
  '1.16.0': { go: '1.24.6', module: 'go-1.16.0' },
} as const;
const DAPRD_MODULE = fileURLToPath(new URL('../../tools/daprd', import.meta.url));
const PROMETHEUS_VERSION = '3.16.0';
const PROM_LABEL_PROXY_VERSION = '0.15.0';
const THANOS_VERSION = '0.42.5';
const PROMETHEUS_MODULE = 'v0.316.0'; // how Go counts the same release

export type DaprdVersion = keyof typeof DAPRD_BUILDS;

/** The daprd to run: `DAPR_VERSION`, or 1.18.3. Throws for a version that is not known here. */
export function daprdVersion(env: Env): DaprdVersion {
  const wanted = env['DAPR_VERSION'] ?? '1.18.3';
  if (wanted in DAPRD_BUILDS) return wanted as DaprdVersion;
  const known = Object.keys(DAPRD_BUILDS).join(' or ');
  throw new Error(`DAPR_VERSION is "${wanted}"; it must be ${known}, or name a daprd in DAPRD_BIN`);
}

/** daprd with the components of tools/daprd. */
export async function buildDaprd(context: BuildContext): Promise<string> {
  const version = daprdVersion(context.env);
  const { go, module } = DAPRD_BUILDS[version];
  const set = (variable: string) => `-X github.com/dapr/${variable}=${version}`;
  const flags = `-s -w ${set('dapr/pkg/buildinfo.version')} ${set('kit/logger.DaprVersion')}`;
  const [daprd = ''] = await goBuild(context, {
    name: 'daprd',
    version,
    go,
    variable: 'DAPRD_BIN',
    programs: ['daprd'],
    args: ['install', '-trimpath', `-modfile=${module}.mod`, '-ldflags', flags, '.'],
    cwd: DAPRD_MODULE,
    sources: [`${module}.mod`, `${module}.sum`, 'main.go'].map((file) => join(DAPRD_MODULE, file)),
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

/** Thanos, all of its components in one program. */
export async function buildThanos(context: BuildContext): Promise<string> {
  const [program = ''] = await buildFromModule(context, {
    name: 'thanos',
    version: THANOS_VERSION,
    go: '1.26.10',
    variable: 'THANOS_BIN',
    module: 'github.com/thanos-io/thanos',
    packages: ['cmd/thanos'],
    // Without it receivers crash: they hand labels on as they lie in memory.
    tags: ['slicelabels'],
  });
  return program;
}
