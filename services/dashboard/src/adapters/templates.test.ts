import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { readTemplates } from './templates.js';

describe('readTemplates', () => {
  it('finds nothing to say about the templates that come with the product', async () => {
    const templates = await readTemplates(
      fileURLToPath(new URL('../../../../templates', import.meta.url)),
    );
    expect(
      templates.map(({ name, suffix, label, report }) => [name, suffix, label, report.problems]),
    ).toEqual([
      ['cluster', '', '', []],
      ['gpu', '-g', 'GPU', []],
      ['nodes', '-n', 'Nodes', []],
      ['power', '-p', 'Power', []],
    ]);
  });

  it('says what is missing from a folder without the main one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'templates-'));
    try {
      await writeFile(join(folder, 'nodes.json'), '{}');
      await expect(readTemplates(folder)).rejects.toThrow('no cluster.json');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
