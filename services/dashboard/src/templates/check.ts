import { fileURLToPath } from 'node:url';
import { readTemplates } from '../adapters/templates.js';

// `npm run templates:check [folder]`: the lint as a command; fails when a template cannot be used.
const builtIn = fileURLToPath(new URL('../../../../templates', import.meta.url));
const [folder = builtIn] = process.argv.slice(2);

try {
  for (const { name, report } of await readTemplates(folder)) {
    const { valid, panels, queries, problems } = report;
    const verdict = valid ? 'can be used' : 'CANNOT be used';
    process.stdout.write(`${name}: ${verdict} (${panels} panels, ${queries} queries)\n`);
    for (const { severity, path, message } of problems)
      process.stdout.write(`  ${severity}: ${path === '' ? 'it' : path} ${message}\n`);
    if (!valid) process.exitCode = 1;
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
