// `npm run release`: the packages that others install, as tarballs, and what is in them (SBOM, CycloneDX).
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const workspaces = ['packages/contracts', 'packages/client', 'packages/browser'].flatMap((path) => [
  '-w',
  path,
]);
const directory = resolve(process.argv[2] ?? 'release');
const npm = (...args) =>
  execFileSync('npm', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

mkdirSync(directory, { recursive: true });
// Scripts are off here by .npmrc; those of the packages build them.
npm('pack', ...workspaces, '--ignore-scripts=false', '--pack-destination', directory, '--silent');
const sbom = npm(
  'sbom',
  '--package-lock-only',
  '--sbom-format',
  'cyclonedx',
  '--omit',
  'dev',
  ...workspaces,
);
writeFileSync(join(directory, 'sbom.cdx.json'), sbom);
console.log(`released into ${directory}`);
