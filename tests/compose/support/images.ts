import { copyFile, cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findDebootstrap } from '../../../stack/src/opt-in/debootstrap.js';
import type { Docker } from '../../../stack/src/opt-in/docker.js';
import { ROOT } from '../../../stack/src/paths.js';
import { toolEnv } from '../../../stack/src/programs/env.js';
import type { BuildContext } from '../../../stack/src/programs/go-build.js';
import { findPrograms } from '../../../stack/src/programs/index.js';
import { reported } from '../../../stack/src/programs/report.js';
import { run } from '../../../stack/src/programs/run.js';

const BASE = 'bud-monitoring-stand-in';
const DEBIAN =
  'ca-certificates,gettext-base,libstdc++6,nginx-light,prometheus,redis-server,redis-tools,wget';
const DOCKERFILES = 'tests/compose/images';

/** The Dockerfile of each image here, by the variable that names it in docker-compose.yml. */
const TARGETS = {
  NODE_IMAGE: 'node',
  DAPRD_IMAGE: 'daprd',
  NGINX_IMAGE: 'nginx',
  REDIS_IMAGE: 'redis',
  PROMETHEUS_IMAGE: 'prometheus',
  GRAFANA_IMAGE: 'grafana',
} as const;

/**
 * Makes stand-ins of images, from Debian's programs and this checkout, each as strict as its original about users
 * and folders: most machines that test this can pull none. Gives the variables that name them.
 */
export async function makeStandIns(
  context: BuildContext,
  docker: Docker,
  wanted = Object.keys(TARGETS) as (keyof typeof TARGETS)[],
): Promise<Record<string, string>> {
  const { supervisor, report } = context;
  if (!(await docker(['images', '-q', BASE])).trim())
    await reported(report, 'making an image of Debian', () => makeBase(context, docker));
  const variables: Record<string, string> = {};
  for (const variable of wanted) {
    const target = TARGETS[variable];
    const folder = await mkdtemp(join(supervisor.directory, 'image-'));
    await cp(join(ROOT, DOCKERFILES), folder, { recursive: true });
    if (target === 'daprd') {
      const programs = await findPrograms(['daprd'], context);
      await copyFile(programs('daprd'), join(folder, 'daprd'));
    }
    if (target === 'grafana') await copyCheckout(join(folder, 'checkout'));
    const tag = `${BASE}-${target}`;
    const file = join(folder, `${target}.Dockerfile`);
    await docker(['build', '--quiet', '--file', file, '--tag', tag, folder], LEGACY);
    variables[variable] = tag;
  }
  return variables;
}

// BuildKit is a plugin of its own, which Debian's Docker does not bring.
export const LEGACY = { DOCKER_BUILDKIT: '0' };

async function makeBase(context: BuildContext, docker: Docker): Promise<void> {
  const { env, supervisor } = context;
  const tree = await mkdtemp(join(supervisor.directory, 'tree-'));
  const debootstrap = await findDebootstrap(context);
  const call = (...command: [string, ...string[]]) =>
    run(supervisor, { name: command[0], command, env: toolEnv(env) });
  try {
    await call(debootstrap, '--variant=minbase', `--include=${DEBIAN}`, 'bookworm', tree);
    await copyFile(process.execPath, join(tree, 'usr/bin/node'));
    const npm = join(process.execPath, '../../lib/node_modules/npm');
    await cp(npm, join(tree, 'usr/lib/node_modules/npm'), { recursive: true });
    for (const name of ['npm', 'npx'])
      await call(
        'ln',
        '-s',
        `../lib/node_modules/npm/bin/${name}-cli.js`,
        join(tree, 'usr/bin', name),
      );
    // Registries are reached from inside as they are from here.
    const certificates = 'etc/ssl/certs/ca-certificates.crt';
    await copyFile(`/${certificates}`, join(tree, certificates));
    await call(
      'rm',
      '-rf',
      join(tree, 'var/cache/apt'),
      join(tree, 'var/lib/apt/lists'),
      join(tree, 'dev'),
    );
    const archive = `${tree}.tar`;
    await call('tar', '-C', tree, '-cf', archive, '.');
    await docker(['import', archive, BASE]);
    await rm(archive);
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}

/** What the fake Grafana runs on. */
async function copyCheckout(to: string): Promise<void> {
  await mkdir(to);
  const wanted = (path: string) =>
    path.includes('/node_modules/') ? !path.endsWith('/.cache') : !/\/(src|tools)$/.test(path);
  for (const folder of ['node_modules', 'packages', 'services', 'stack', 'package.json'])
    await cp(join(ROOT, folder), join(to, folder), {
      recursive: true,
      verbatimSymlinks: true,
      filter: wanted,
    });
}
