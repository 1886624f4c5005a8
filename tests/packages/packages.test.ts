import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { service, startStack, type Stack } from '@bud-monitoring/stack';
import { build } from 'esbuild';
import { publint } from 'publint';
import { foreignProject, release, run, type Packed } from './support/packed.js';

let tarballs: string;
let packages: Packed[];
let project: string;
/** As it was before the release. */
let manifest: string;
beforeAll(async () => {
  tarballs = mkdtempSync(join(tmpdir(), 'tarballs-'));
  manifest = readFileSync('packages/client/package.json', 'utf8');
  packages = await release(tarballs);
  project = await foreignProject(packages);
}, 240_000);
afterAll(() => {
  rmSync(tarballs, { recursive: true, force: true });
  rmSync(project, { recursive: true, force: true });
});

describe('a release', () => {
  it('has the packages of others, and says what is in them', () => {
    expect(packages.map(({ name }) => name)).toEqual([
      '@bud-monitoring/browser',
      '@bud-monitoring/client',
      '@bud-monitoring/contracts',
    ]);
    expect(readFileSync('packages/client/package.json', 'utf8')).toBe(manifest);
    const sbom = JSON.parse(readFileSync(join(tarballs, 'sbom.cdx.json'), 'utf8')) as {
      bomFormat: string;
      components: { name: string }[];
    };
    expect(sbom.bomFormat).toBe('CycloneDX');
    const names = sbom.components.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['axios', 'zod', '@dapr/dapr', 'undici']));
    expect(names).not.toContain('jest');
  });
});

describe.each([0, 1, 2])('the package %#', (index) => {
  it('has what is built, a licence and a README, and neither sources nor tests', () => {
    const { files } = packages[index]!;
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']));
    const others = files.filter((path) => !['LICENSE', 'README.md', 'package.json'].includes(path));
    expect(others.length).toBeGreaterThan(10);
    expect(others.filter((path) => !/^dist\/.*\.(js|d\.ts)$/.test(path))).toEqual([]);
    expect(others.filter((path) => path.includes('test'))).toEqual([]);
  });

  it('passes publint', async () => {
    const pkgDir = join(project, 'node_modules', packages[index]!.name);
    const { messages } = await publint({ pkgDir, pack: false, strict: true });
    expect(messages).toEqual([]);
  });

  it('has types that are right', async () => {
    const tarball = new Uint8Array(readFileSync(packages[index]!.tarball));
    const result = await checkPackage(createPackageFromTarballData(tarball));
    // ES modules only, for resolution by `exports`: what is older cannot read them, and is not meant.
    const known = ['CJSResolvesToESM', 'NoResolution'];
    const problems = 'problems' in result ? result.problems : null;
    const wrong = problems?.filter(
      (problem) =>
        problem.kind !== known[0] &&
        !(
          problem.kind === known[1] &&
          'resolutionKind' in problem &&
          problem.resolutionKind === 'node10'
        ),
    );
    expect(wrong).toEqual([]);
  });
});

describe('another team', () => {
  it('gets neither Dapr nor axios where it only wants the client of a page', () => {
    const dependenciesOf = (name: string) => {
      const path = join(project, 'node_modules', name, 'package.json');
      const manifest = JSON.parse(readFileSync(path, 'utf8')) as { dependencies?: object };
      return Object.keys(manifest.dependencies ?? {});
    };
    const all = new Set(['@bud-monitoring/browser']);
    for (const name of all) for (const other of dependenciesOf(name)) all.add(other);
    expect([...all].sort()).toEqual([
      '@bud-monitoring/browser',
      '@bud-monitoring/contracts',
      'zod',
    ]);
  });

  it.each([
    ['a service', 'service.ts', { module: 'nodenext', types: ['node'] }],
    [
      'a page, without the types of Node',
      'page.ts',
      { module: 'esnext', moduleResolution: 'bundler', lib: ['ES2023', 'DOM'], types: [] },
    ],
  ])(
    'type-checks %s strictly',
    async (_name, file, options) => {
      const config = {
        compilerOptions: {
          ...{ strict: true, noEmit: true, target: 'ES2023', exactOptionalPropertyTypes: true },
          ...{ noUncheckedIndexedAccess: true, skipLibCheck: file === 'service.ts' },
          ...options,
        },
        files: [file],
      };
      writeFileSync(join(project, 'package.json'), '{"type":"module","private":true}');
      writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(config));
      const tsc = resolve('node_modules/typescript/bin/tsc');
      const result = run(process.execPath, [tsc, '-p', project]).catch(
        (error: unknown) => error as { stdout: string },
      );
      expect((await result).stdout).toBe('');
    },
    120_000,
  );

  it('bundles a page in less than 15 kB, with nothing of Dapr, axios, zod and Node', async () => {
    const bundle = async (source: string) => {
      const { outputFiles, metafile } = await build({
        stdin: { contents: source, resolveDir: project },
        ...{ bundle: true, minify: true, write: false, metafile: true },
        ...{ format: 'esm', platform: 'browser', target: 'es2022', logLevel: 'silent' },
      });
      const inputs = Object.keys(metafile.inputs);
      return { inputs, size: gzipSync(outputFiles[0]!.contents).length };
    };
    const entry = '@bud-monitoring/browser';
    const all = await bundle(`export * from '${entry}'`);
    const part = await bundle(`export { createBrowserClient } from '${entry}'`);
    const foreign = all.inputs.filter(
      (path) => !/@bud-monitoring\/(browser|contracts)\//.test(path),
    );
    expect(foreign).toEqual(['<stdin>']);
    expect(all.size).toBeLessThan(15_000);
    expect(part.size).toBeLessThan(all.size);
    expect(part.inputs.length).toBeGreaterThan(1);
  });
});

/** This Node, and others whose programs NODES names, separated by commas. */
const nodes = [process.execPath, ...(process.env['NODES']?.split(',') ?? [])];

describe.each(nodes)('plain JavaScript of another team, by %s', (node) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({
      ...{ prometheus: true, gateway: true, ownApp: { appId: 'other-team' } },
      apps: [service('metrics')],
    });
  }, 120_000);
  afterAll(() => stack.stop());

  it('calls the services by its sidecar, and by the gateway', async () => {
    const { ownSidecar, gateway, identity } = stack;
    const token = await identity.mintToken({ permissions: ['cluster:view'], subject: 'team' });
    const { stdout } = await run(node, ['app.mjs'], {
      cwd: project,
      timeout: 30_000,
      env: {
        ...process.env,
        ...{ SIDECAR: ownSidecar!.url, API_TOKEN: ownSidecar!.apiToken },
        ...{ GATEWAY: gateway!.url, TOKEN: token },
      },
    });
    expect(JSON.parse(stdout)).toEqual({
      ...{ subject: 'team', unknown: 'not_found', total: 0, topic: 'cluster-alerts' },
    });
  }, 60_000);
});
