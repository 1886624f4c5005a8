import { cp, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toolEnv } from './env.js';
import { onPath, UnavailableError } from './find.js';
import { goBuild, type BuildContext, type GoBuild } from './go-build.js';
import { run } from './run.js';

/** A program whose module `go install` refuses, so that it is built where its sources lie. */
export interface ModuleProgram extends Pick<GoBuild, 'name' | 'version' | 'go' | 'variable'> {
  /** `github.com/docker/compose/v2` */
  module: string;
  /** Packages below the module, each built to a program of its last element's name. */
  packages: readonly string[];
  /** Build tags. */
  tags?: readonly string[];
  /** Variables that the linker sets, by their full names. */
  variables?: Readonly<Record<string, string>>;
  /** Changes the copy of the sources before they are built. */
  patch?: (directory: string) => Promise<void>;
}

/**
 * Builds programs from the sources of a Go module, once; their paths in the order of `packages`. Go itself may
 * get the version of Go that the module asks for, unless GOTOOLCHAIN says otherwise.
 */
export async function buildFromModule(
  surroundings: BuildContext,
  { module, packages, tags = [], variables = {}, patch, ...build }: ModuleProgram,
): Promise<string[]> {
  const context = { ...surroundings, env: { GOTOOLCHAIN: 'auto', ...surroundings.env } };
  const directory = await mkdtemp(join(context.supervisor.directory, 'module-'));
  const programs = packages.map((path) => path.split('/').at(-1) ?? '');
  const ofTags = tags.length === 0 ? [] : ['-tags', tags.join(',')];
  const set = Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`);
  const flags = ['-trimpath', '-mod=mod', '-ldflags', ['-s -w', ...set].join(' '), ...ofTags];
  try {
    return await goBuild(context, {
      ...build,
      programs,
      args: ['install', ...flags, ...packages.map((path) => `./${path}`)],
      cwd: directory,
      before: async () => {
        const source = await moduleSources(context, `${module}@v${build.version}`);
        await cp(source, directory, { recursive: true });
        await run(context.supervisor, {
          name: 'chmod',
          command: ['chmod', '-R', 'u+w', directory],
        });
        await patch?.(directory);
      },
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The folder of a module's sources, read-only: `github.com/dapr/dapr@v1.18.3`. */
export async function moduleSources(
  { env, supervisor }: BuildContext,
  module: string,
): Promise<string> {
  const go = await onPath('go', env);
  if (!go) throw new UnavailableError('go is not on PATH');
  const text = await run(supervisor, {
    name: 'go',
    command: [go, 'mod', 'download', '-json', module],
    env: toolEnv(env),
  });
  const { Dir } = JSON.parse(text.slice(text.indexOf('{'))) as { Dir: string };
  return Dir;
}
