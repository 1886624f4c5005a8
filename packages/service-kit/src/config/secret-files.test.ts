import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { envText } from './env-types.js';
import { readConfig } from './read-config.js';

const schema = z.object({
  PASSWORD: envText().optional().meta({ secret: true }),
  NAME: envText().optional(),
});

describe('a secret from a file', () => {
  let directory: string;
  let file: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'secret-'));
    file = join(directory, 'password');
    await writeFile(file, ' hunter2\n');
  });
  afterAll(() => rm(directory, { recursive: true }));

  it('is its text without the line break at the end', () => {
    expect(readConfig(schema, { PASSWORD_FILE: file })).toEqual({ PASSWORD: ' hunter2' });
  });

  it('is not read for what is no secret', () => {
    expect(readConfig(schema, { NAME_FILE: file })).toEqual({});
  });

  it('that cannot be read is a problem, as is one beside the secret itself', () => {
    const missing = join(directory, 'missing');
    expect(() => readConfig(schema, { PASSWORD_FILE: missing })).toThrow(
      'PASSWORD_FILE names no file that can be read',
    );
    expect(() => readConfig(schema, { PASSWORD_FILE: file, PASSWORD: 'x' })).toThrow('beside');
  });
});
