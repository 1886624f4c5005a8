import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { templateFiles } from './index.js';

// `npm run templates`: the JSON in templates/ is made from the code beside this file.
const folder = join(import.meta.dirname, '../../../../templates');
for (const [name, text] of templateFiles()) writeFileSync(join(folder, name), text);
