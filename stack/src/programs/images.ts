import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { daprdVersion } from './builds.js';
import { cacheDirectory, toolEnv, type Env } from './env.js';
import { executable, onPath } from './find.js';
import type { BuildContext } from './go-build.js';
import { withLock } from './lock.js';
import { reported } from './report.js';
import { run } from './run.js';

/** As docker-compose.yml has it. */
const PROMETHEUS_IMAGE = 'prom/prometheus:v3.7.3';

/** Programs that are one static file in an image of their makers, and where it lies. */
const imagesFor = (env: Env) => ({
  daprd: { image: `daprio/daprd:${daprdVersion(env)}`, path: '/daprd' },
  prometheus: { image: PROMETHEUS_IMAGE, path: '/bin/prometheus' },
  promtool: { image: PROMETHEUS_IMAGE, path: '/bin/promtool' },
  'prometheus-3': { image: PROMETHEUS_IMAGE, path: '/bin/prometheus' },
  'promtool-3': { image: PROMETHEUS_IMAGE, path: '/bin/promtool' },
  'prometheus-node-exporter': { image: 'prom/node-exporter:v1.9.1', path: '/bin/node_exporter' },
  'prometheus-alertmanager': { image: 'prom/alertmanager:v0.29.0', path: '/bin/alertmanager' },
  'victoria-metrics': {
    image: 'victoriametrics/victoria-metrics:v1.79.5',
    path: '/victoria-metrics-prod',
  },
});

/** Programs that need the libraries of their image, which is as docker-compose.yml has it: they run in it. */
const containers: Partial<Record<string, { variable: string; image: string }>> = {
  'redis-server': { variable: 'REDIS_IMAGE', image: 'redis:7.4.6-alpine' },
  nginx: { variable: 'NGINX_IMAGE', image: 'nginx:1.29.3-alpine' },
};

/** Whether a program can run as a container. */
export const runsInImage = (name: string): boolean => name in containers;

/**
 * The image to run a program in, pulled where it is not there yet. Null where none has it, Docker does not
 * run or shares no network with this machine, or the image cannot be had: the reason is reported.
 */
export async function imageToRun(name: string, context: BuildContext): Promise<string | null> {
  const { env, report } = context;
  const docker = await onPath('docker', env);
  const source = containers[name];
  if (!docker || !source || process.platform !== 'linux') return null;
  const image = env[source.variable] ?? source.image;
  if (!(await runs(docker, context))) return null;
  const call = caller(docker, context);
  try {
    await call('image', 'inspect', image);
    return image;
  } catch {
    const what = `pulling the image ${image} for ${name} (once)`;
    return reported(report, what, () => call('pull', '--quiet', image)).then(
      () => image,
      (error: unknown) => {
        report(`${what} failed: ${error instanceof Error ? error.message : String(error)}`);
        return null;
      },
    );
  }
}

/**
 * The program, copied out of its image once and kept with the built ones. Null where no image has it,
 * Docker does not run, or the image cannot be had: the reason is reported.
 */
export async function programFromImage(
  name: string,
  context: BuildContext,
): Promise<string | null> {
  const { env, report, supervisor } = context;
  const docker = await onPath('docker', env);
  const images: Partial<Record<string, { image: string; path: string }>> = imagesFor(env);
  const source = images[name];
  if (!docker || !source) return null;
  const { image, path } = source;
  const folder = join(cacheDirectory(env), image.replace(/[/:]/g, '-'));
  const kept = join(folder, name);
  if (await executable(kept)) return kept;
  if (!(await runs(docker, context))) return null;

  const what = `copying ${name} out of the image ${image} (once)`;
  const call = caller(docker, context);
  const copy = async () => {
    const file = join(supervisor.directory, `container-${name}`);
    const half = `${kept}-${process.pid}`;
    // An image of one file may name no command, and Docker wants one.
    await call('create', '--cidfile', file, image, path);
    const container = (await readFile(file, 'utf8')).trim();
    try {
      await call('cp', `${container}:${path}`, half);
      await rename(half, kept);
    } finally {
      await call('rm', '--volumes', container);
      await rm(half, { force: true });
    }
  };
  await mkdir(folder, { recursive: true });
  try {
    await withLock(
      `${kept}.lock`,
      () => report(`${what}: waiting for another process`),
      async () => {
        if (!(await executable(kept))) await reported(report, what, copy);
      },
    );
    return await executable(kept);
  } catch (error) {
    report(`${what} failed: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

/** Whether a daemon answers. */
export function runs(docker: string, context: BuildContext): Promise<boolean> {
  return caller(
    docker,
    context,
  )('version').then(
    () => true,
    () => false,
  );
}

/** Runs Docker's command. */
function caller(docker: string, { env, supervisor }: BuildContext) {
  return (...args: string[]) =>
    run(supervisor, { name: 'docker', command: [docker, ...args], env: toolEnv(env) });
}
