import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ruleFiles } from './rule-files.js';

// `npm run templates`: the recording rules in deploy/rules/ are made from the expressions of the fleet.
const folder = join(import.meta.dirname, '../../../../deploy/rules');
mkdirSync(folder, { recursive: true });
for (const [name, text] of ruleFiles()) writeFileSync(join(folder, name), text);
