import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

/** More source files than this in one folder are hard to find one's way in: it wants subfolders. */
const MOST_FILES = 12;
const ROOTS = ['packages', 'services', 'stack', 'bench', 'tests'];

it('no folder holds more than twelve source files, tests apart', () => {
  const crowded = ROOTS.flatMap(foldersBelow)
    .map((folder) => ({ folder, files: sourceFiles(folder) }))
    .filter(({ files }) => files > MOST_FILES);
  expect(crowded).toEqual([]);
});

function foldersBelow(folder: string): string[] {
  const inner = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !['dist', 'node_modules'].includes(entry.name),
  );
  return [folder, ...inner.flatMap(({ name }) => foldersBelow(join(folder, name)))];
}

function sourceFiles(folder: string): number {
  return readdirSync(folder).filter(
    (name) => /\.(tsx?|mjs|go)$/.test(name) && !name.endsWith('.test.ts'),
  ).length;
}
