import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exportedFiles } from './export.js';
import { templateFiles } from './index.js';

// `npm run templates`: the JSON in templates/ is made from the code beside this file, and from it what is
// imported elsewhere, in deploy/grafana/.
const root = join(import.meta.dirname, '../../../..');

function write(folder: string, files: ReadonlyMap<string, string>): void {
  for (const [name, text] of files) {
    const file = join(root, folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

const templates = templateFiles();
write('templates', templates);
write('deploy/grafana', exportedFiles(templates));
