import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

export const run = promisify(execFile);

/** A package as it is released. */
export interface Packed {
  readonly name: string;
  readonly tarball: string;
  /** Paths inside of it. */
  readonly files: readonly string[];
}

/** Releases the packages into a directory, by the command that releases them. */
export async function release(directory: string): Promise<Packed[]> {
  await run(process.execPath, ['packages/release.mjs', directory], { timeout: 200_000 });
  return Promise.all(
    readdirSync(directory)
      .filter((file) => file.endsWith('.tgz'))
      .map(async (file) => {
        const tarball = join(directory, file);
        const { stdout } = await run('tar', ['-tzf', tarball]);
        const files = stdout.split('\n').filter(Boolean);
        const name = `@bud-monitoring/${file.replace(/^bud-monitoring-(\w+)-.*$/, '$1')}`;
        return { name, tarball, files: files.map((path) => path.replace(/^package\//, '')) };
      }),
  );
}

/**
 * A project of another team, outside of this repository, with the packages from their tarballs. What they depend
 * on is taken from here, as npm would from a registry.
 */
export async function foreignProject(packages: readonly Packed[]): Promise<string> {
  const project = mkdtempSync(join(tmpdir(), 'foreign-'));
  cpSync('tests/packages/fixtures/foreign', project, { recursive: true });
  for (const { name, tarball } of packages) {
    const target = join(project, 'node_modules', name);
    mkdirSync(target, { recursive: true });
    await run('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
    const manifest = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const others = Object.keys(manifest.dependencies).filter(
      (one) => !packages.some((own) => own.name === one),
    );
    for (const dependency of ['@types/node', ...others]) {
      const link = join(project, 'node_modules', dependency);
      mkdirSync(dirname(link), { recursive: true });
      try {
        symlinkSync(resolve('node_modules', dependency), link);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  }
  return project;
}
