// Around `npm pack` of a package: `strip` builds it and takes from its package.json what only this repository
// reads, `restore` puts that back.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const kept = 'dist/package.json.orig';
const licence = 'LICENSE';

/** Conditions that lead to sources, and what is for developers, are not in the package. */
function published(manifest) {
  const ours = { ...manifest, devDependencies: undefined, scripts: undefined };
  const exports = Object.entries(manifest.exports).map(([entry, conditions]) => [
    entry,
    { ...conditions, source: undefined },
  ]);
  return { ...ours, exports: Object.fromEntries(exports) }; // what is undefined is not written
}

/** A build leaves what it made of sources that are gone. */
function removeStale() {
  for (const file of readdirSync('dist', { recursive: true })) {
    const source = join('src', file.replace(/(\.d\.ts|\.js)(\.map)?$/, '.ts'));
    if (/\.(js|d\.ts|map)$/.test(file) && !existsSync(source)) rmSync(join('dist', file));
  }
}

if (process.argv[2] === 'strip') {
  execFileSync('npx', ['tsc', '-b'], { stdio: ['ignore', 2, 2] });
  removeStale();
  copyFileSync('package.json', kept);
  copyFileSync(`../../${licence}`, licence);
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  writeFileSync('package.json', `${JSON.stringify(published(manifest), null, 2)}\n`);
} else {
  copyFileSync(kept, 'package.json');
  rmSync(kept);
  rmSync(licence);
}
