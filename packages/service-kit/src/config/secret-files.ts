import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { metaOf } from '../schema-walk.js';
import type { ConfigProblem } from './config-problem.js';

/** A secret is no longer; a wrong path could name anything. */
const maxLength = 64 * 1024;

/**
 * Secrets that `<NAME>_FILE` names a file of, as container platforms mount them; a line break at the end does not
 * count. A file that cannot be read, or a secret that is set both ways, is a problem.
 */
export function readSecretFiles(
  schema: z.ZodObject,
  env: Readonly<Record<string, string | undefined>>,
): { values: Record<string, string>; problems: ConfigProblem[] } {
  const values: Record<string, string> = {};
  const problems: ConfigProblem[] = [];
  for (const name of Object.keys(schema.shape)) {
    const variable = schema.shape[name] as z.ZodType;
    const path = env[`${name}_FILE`];
    if (metaOf(variable, 'secret') !== true || !path) continue;
    if (env[name]) {
      problems.push({ name: `${name}_FILE`, message: `is set beside ${name}; set one of them` });
      continue;
    }
    const text = textOf(path);
    if (text === undefined || text.length > maxLength) {
      problems.push({ name: `${name}_FILE`, message: 'names no file that can be read' });
    } else {
      values[name] = text.replace(/\r?\n$/, '');
    }
  }
  return { values, problems };
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
