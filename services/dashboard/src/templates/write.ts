import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { templateFiles } from './index.js';

// `npm run templates`: the JSON in templates/ is made from the code beside this file.
const folder = join(import.meta.dirname, '../../../../templates');
for (const [name, text] of templateFiles()) {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
