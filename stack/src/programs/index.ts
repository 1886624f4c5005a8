import type { Supervisor } from '../processes/supervisor.js';
import { aptCommand, aptInstall } from './apt.js';
import {
  buildDaprd,
  buildPrometheus,
  buildPromLabelProxy,
  buildThanos,
  daprdVersion,
  type DaprdVersion,
} from './builds.js';
import type { Env } from './env.js';
import { namedProgram, onPath } from './find.js';
import type { BuildContext } from './go-build.js';
import { imageToRun, programFromImage, runsInImage } from './images.js';
import type { Report } from './report.js';
import { run } from './run.js';

/** Programs that come from the system, the variable that names another one, and Debian's package. */
const SYSTEM = {
  'redis-server': { variable: 'REDIS_SERVER_BIN', debian: 'redis-server' },
  prometheus: { variable: 'PROMETHEUS_BIN', debian: 'prometheus' },
  promtool: { variable: 'PROMTOOL_BIN', debian: 'prometheus' },
  'prometheus-node-exporter': { variable: 'NODE_EXPORTER_BIN', debian: 'prometheus-node-exporter' },
  'prometheus-alertmanager': { variable: 'ALERTMANAGER_BIN', debian: 'prometheus-alertmanager' },
  'victoria-metrics': { variable: 'VICTORIA_METRICS_BIN', debian: 'victoria-metrics' },
  nginx: { variable: 'NGINX_BIN', debian: 'nginx-light' },
} as const;

type SystemProgram = keyof typeof SYSTEM;

/** `containers`: what can run in an image does, whatever is installed here. */
const serversVariable = 'STACK_SERVERS';

/** What the stack runs, and benches do. `prometheus-3` and `promtool-3` are 3.16, built here. */
export type ProgramName =
  SystemProgram | 'daprd' | 'prometheus-3' | 'promtool-3' | 'prom-label-proxy' | 'thanos';

/** Where programs may come from. */
export interface ProgramSources {
  env: Env;
  report: Report;
  supervisor: Supervisor;
}

/** The programs that were asked for. */
export interface Programs {
  /** The path of one; the bare name where it was not asked for, or runs in an image. */
  (name: ProgramName): string;
  /** The image that it runs in; undefined for one on this machine. */
  image(name: ProgramName): string | undefined;
}

/**
 * Finds each program, or installs or builds it: what the environment names (`DAPRD_BIN`,
 * `NGINX_BIN`, ...), what is on PATH, where Docker runs its maker's image, Debian's package, a build with
 * Go. Silent when nothing lacks.
 */
export async function findPrograms(
  names: readonly ProgramName[],
  options: ProgramSources,
): Promise<Programs> {
  const wanted = new Set(names);
  const images: Partial<Record<ProgramName, string>> = {};
  const [system, daprd, built, proxy, thanos] = await Promise.all([
    systemPrograms([...wanted].filter(isSystem), images, options),
    wanted.has('daprd') ? daprdProgram(options) : null,
    wanted.has('prometheus-3') || wanted.has('promtool-3') ? newPrometheus(options) : null,
    wanted.has('prom-label-proxy') ? promLabelProxy(options) : null,
    wanted.has('thanos') ? thanosProgram(options) : null,
  ]);
  const found: Partial<Record<ProgramName, string>> = { ...system };
  if (daprd) found.daprd = daprd;
  if (proxy) found['prom-label-proxy'] = proxy;
  if (thanos) found.thanos = thanos;
  if (built) {
    found['prometheus-3'] = built.prometheus;
    found['promtool-3'] = built.promtool;
  }
  return Object.assign((name: ProgramName) => found[name] ?? name, {
    image: (name: ProgramName) => images[name],
  });
}

function isSystem(name: ProgramName): name is SystemProgram {
  return name in SYSTEM;
}

async function systemPrograms(
  names: readonly SystemProgram[],
  images: Partial<Record<ProgramName, string>>,
  context: ProgramSources,
): Promise<Partial<Record<SystemProgram, string>>> {
  const { [serversVariable]: servers } = context.env;
  const local = names.filter((name) => servers !== 'containers' || !runsInImage(name));
  const found = await locate(local, context.env);
  for (const name of names.filter((name) => !found[name])) {
    const copied = await programFromImage(name, context);
    if (copied) found[name] = copied;
    const image = copied ? null : await imageToRun(name, context);
    if (image) images[name] = image;
  }
  const missing = names.filter((name) => !found[name] && !images[name]);
  if (missing.length === 0) return found;

  const shell = await aptCommand(context.env);
  if (!shell) return { ...found, ...(await withoutApt(missing, context)) };
  const packages = [...new Set(missing.map((name) => SYSTEM[name].debian))];
  await aptInstall(context, shell, packages).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${howToGet(missing)}`);
  });
  const all = { ...found, ...(await locate(missing, context.env)) };
  const still = missing.filter((name) => !all[name]);
  if (still.length > 0) throw new Error(howToGet(still));
  return all;
}

async function locate(
  names: readonly SystemProgram[],
  env: Env,
): Promise<Partial<Record<SystemProgram, string>>> {
  const found: Partial<Record<SystemProgram, string>> = {};
  for (const name of names) {
    const path = (await namedProgram(SYSTEM[name].variable, env)) ?? (await onPath(name, env));
    if (path) found[name] = path;
  }
  return found;
}

/** Prometheus can be built with Go; the others must be there. */
async function withoutApt(
  missing: readonly SystemProgram[],
  context: BuildContext,
): Promise<Partial<Record<SystemProgram, string>>> {
  const others = missing.filter((name) => name !== 'prometheus' && name !== 'promtool');
  if (others.length > 0) throw new Error(howToGet(others));
  return buildPrometheus(context);
}

function howToGet(names: readonly SystemProgram[]): string {
  return names
    .map((name) => {
      const { variable, debian } = SYSTEM[name];
      return `${name} is missing: install it (Debian: apt-get install ${debian}) or name it in ${variable}`;
    })
    .join('\n');
}

/** One on PATH only if it is the version wanted, or a later patch of it: docs/stack.md says why. */
async function daprdProgram(context: ProgramSources): Promise<string> {
  const named = await namedProgram('DAPRD_BIN', context.env);
  if (named) return named;
  const wanted = daprdVersion(context.env);
  const installed = await onPath('daprd', context.env);
  if (installed) {
    const command = [installed, '--version'] as const;
    const version = await run(context.supervisor, { name: 'daprd', command });
    if (isPatchOf(wanted, version)) return installed;
  }
  return (await programFromImage('daprd', context)) ?? buildDaprd(context);
}

/** Whether `version` is `wanted` (`1.18.3`), or has a higher last number. */
function isPatchOf(wanted: DaprdVersion, version: string): boolean {
  const numbers = (text: string) => (/(\d+\.\d+)\.(\d+)/.exec(text) ?? []).slice(1);
  const [[minor, patch], [ownMinor, ownPatch]] = [numbers(wanted), numbers(version)];
  return minor === ownMinor && Number(ownPatch) >= Number(patch);
}

/** Prometheus 3 and its promtool. */
async function newPrometheus(
  context: ProgramSources,
): Promise<{ prometheus: string; promtool: string }> {
  const prometheus = await programFromImage('prometheus-3', context);
  const promtool = prometheus && (await programFromImage('promtool-3', context));
  return prometheus && promtool ? { prometheus, promtool } : buildPrometheus(context);
}

async function promLabelProxy(context: BuildContext): Promise<string> {
  const named = await namedProgram('PROM_LABEL_PROXY_BIN', context.env);
  return named ?? buildPromLabelProxy(context);
}

async function thanosProgram(context: BuildContext): Promise<string> {
  return (await namedProgram('THANOS_BIN', context.env)) ?? buildThanos(context);
}
