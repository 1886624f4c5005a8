import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { buildConsole } from '../support/build-console.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'console-'));
  await buildConsole(directory);
}, 60_000);
afterAll(() => rm(directory, { recursive: true, force: true }));

interface Chunk {
  readonly file: string;
  readonly imports?: readonly string[];
}

/** The files of a chunk, and of all that it needs before it runs. */
function filesOf(manifest: Readonly<Record<string, Chunk>>, name: string): string[] {
  const { file, imports = [] } = manifest[name]!;
  return [file, ...imports.flatMap((needed) => filesOf(manifest, needed))];
}

it('loads less than 150 kB for any page, gzipped', async () => {
  const text = await readFile(join(directory, '.vite/manifest.json'), 'utf8');
  const manifest = JSON.parse(text) as Record<string, Chunk>;
  const pages = Object.keys(manifest).filter((name) => name.startsWith('src/pages/'));
  expect(pages.length).toBeGreaterThanOrEqual(2);
  const sizes = pages.map((page) => {
    const files = new Set([
      'index.html',
      manifest['style.css']!.file,
      ...filesOf(manifest, 'index.html'),
      ...filesOf(manifest, page),
    ]);
    return [...files].reduce(
      (sum, file) => sum + gzipSync(readFileSync(join(directory, file))).length,
      0,
    );
  });
  expect(Math.max(...sizes)).toBeLessThan(150_000);
});

it('has nothing inline, which its policy would forbid', async () => {
  const page = await readFile(join(directory, 'index.html'), 'utf8');
  expect(page).toMatch(/<script type="module"[^>]* src="\/assets\/[^"]+-[\w-]{8}\.js">/);
  expect(page).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]* src=)/);
});
