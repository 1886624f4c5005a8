// `npm run release`: the packages that others install, as tarballs, what is in them and in each service (SBOM,
// CycloneDX), and under which licences that is.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const packages = ['packages/contracts', 'packages/client', 'packages/browser'];
const directory = resolve(process.argv[2] ?? 'release');
const npm = (...args) =>
  execFileSync('npm', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const of = (workspaces) => workspaces.flatMap((path) => ['-w', path]);

mkdirSync(directory, { recursive: true });
// Scripts are off here by .npmrc; those of the packages build them.
npm('pack', ...of(packages), '--ignore-scripts=false', '--pack-destination', directory, '--silent');

/** Writes the SBOM, and gives each component with its licences. */
function sbom(name, workspaces) {
  const format = ['--package-lock-only', '--sbom-format', 'cyclonedx', '--omit', 'dev'];
  const text = npm('sbom', ...format, ...of(workspaces));
  writeFileSync(join(directory, `${name}.cdx.json`), text);
  return JSON.parse(text).components.map(({ name: component, version, licenses = [] }) => {
    const names = licenses.map(
      ({ license, expression }) => expression ?? license.id ?? license.name,
    );
    return `${component} ${version}: ${names.join(', ') || 'see its repository'}`;
  });
}

const components = [
  ...sbom('sbom', packages),
  ...sbom('sbom-bud-metrics', ['services/metrics']),
  ...sbom('sbom-bud-dashboard', ['services/dashboard']),
];
writeFileSync(join(directory, 'licences.txt'), `${[...new Set(components)].sort().join('\n')}\n`);
console.log(`released into ${directory}`);
