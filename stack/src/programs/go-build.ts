import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Supervisor } from '../processes/supervisor.js';
import { cacheDirectory, toolEnv, type Env } from './env.js';
import { executable, onPath, UnavailableError } from './find.js';
import { withLock } from './lock.js';
import { reported, type Report } from './report.js';
import { run } from './run.js';

/** What a build needs from its surroundings. */
export interface BuildContext {
  env: Env;
  report: Report;
  supervisor: Supervisor;
}

/** One build: the same description always gives the same programs. */
export interface GoBuild {
  name: string;
  version: string;
  /** The oldest Go that builds it. */
  go: string;
  /** Names a program to be used instead. */
  variable: string;
  /** What it makes. */
  programs: readonly string[];
  /** Arguments of `go`, without where to put the result: GOBIN says so to `go install`. */
  args: readonly string[];
  cwd: string;
  /** Runs before a build that is needed: fills `cwd`. */
  before?: () => Promise<void>;
  /** Files whose change makes another build of it. */
  sources?: readonly string[];
}

/** Paths of the built programs, in the order of `programs`. Builds them if they are not kept yet. */
export async function goBuild(context: BuildContext, wanted: GoBuild): Promise<string[]> {
  const { env, report, supervisor } = context;
  const { name, version, programs } = wanted;
  const hash = await hashOf(wanted);
  const kept = join(
    cacheDirectory(env),
    `${name}-${version}-${process.platform}-${process.arch}-${hash}`,
  );
  const paths = programs.map((program) => join(kept, program));
  const isBuilt = async () => (await Promise.all(paths.map(executable))).every(Boolean);
  if (await isBuilt()) return paths;

  const what = `building ${name} ${version} (once, about 3 minutes)`;
  const go = await onPath('go', env);
  if (!go) {
    const { go: oldest, variable } = wanted;
    throw new UnavailableError(
      `${what} needs Go ${oldest} or newer on PATH; or name one in ${variable}`,
    );
  }
  const compile = async (): Promise<void> => {
    await wanted.before?.();
    const into = await mkdtemp(join(supervisor.directory, 'build-'));
    const goEnv = { CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false', GOTMPDIR: into, GOBIN: into };
    await run(supervisor, {
      name: 'go',
      command: [go, ...wanted.args],
      cwd: wanted.cwd,
      env: { ...toolEnv(env), ...goEnv },
    });
    await keep(into, kept, programs);
  };
  await mkdir(cacheDirectory(env), { recursive: true });
  const onWait = () => report(`${what}: waiting for another process that does so`);
  await withLock(`${kept}.lock`, onWait, async () => {
    if (!(await isBuilt())) await reported(report, what, compile);
  });
  return paths;
}

/** Copies under a name of its own first: a killed copy never looks like a program. */
async function keep(from: string, to: string, programs: readonly string[]): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const program of programs) {
    const half = join(to, `.${program}-${process.pid}`);
    await copyFile(join(from, program), half);
    await rename(half, join(to, program));
  }
  await rm(from, { recursive: true, force: true });
}

async function hashOf({ args, sources = [] }: GoBuild): Promise<string> {
  const hash = createHash('sha256').update(args.join('\n'));
  for (const file of sources) hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 12);
}
