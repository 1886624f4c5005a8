import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { readFleetDashboard, readProductDashboard, readTemplates } from './templates.js';

const builtIn = fileURLToPath(new URL('../../../../templates', import.meta.url));

describe('readProduct', () => {
  it('finds the dashboard of the product, without what Grafana gives out', async () => {
    const { dashboard } = (await readProductDashboard(builtIn)).plain;
    expect(dashboard).toMatchObject({ uid: 'bud-template-product', title: 'Bud Monitoring' });
    expect(Object.keys(dashboard)).not.toEqual(expect.arrayContaining(['id']));
    expect(Object.keys(dashboard)).not.toEqual(expect.arrayContaining(['version']));
  });

  it('finds the overview of the fleet, the same one with and without recording rules', async () => {
    const { plain, recorded } = await readFleetDashboard(builtIn);
    expect(plain.dashboard.uid).toBe(recorded?.dashboard.dashboard.uid);
    expect(plain.revision).not.toBe(recorded?.dashboard.revision);
  });

  it.each([
    ['is missing', null, /PRODUCT_DASHBOARD is set, .* no product.bud-monitoring.json: ENOENT/],
    ['is no JSON', '{', /bud-monitoring.json: .*JSON/],
    ['has no uid', '{"title":"Bud Monitoring"}', /bud-monitoring.json: .*no uid or no title/],
  ])('says that it %s', async (_, text, message) => {
    const folder = await mkdtemp(join(tmpdir(), 'templates-'));
    try {
      await mkdir(join(folder, 'product'));
      if (text !== null) await writeFile(join(folder, 'product', 'bud-monitoring.json'), text);
      await expect(readProductDashboard(folder)).rejects.toThrow(message);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('readTemplates', () => {
  it('finds nothing to say about the templates that come with the product', async () => {
    const templates = await readTemplates(builtIn);
    expect(
      templates.map(({ name, suffix, label, report }) => [name, suffix, label, report.problems]),
    ).toEqual([
      ['cluster', '', '', []],
      ['gpu', '-g', 'GPU', []],
      ['inference', '-i', 'Inference', []],
      ['nodes', '-n', 'Nodes', []],
      ['power', '-p', 'Power', []],
      ['workloads', '-w', 'Workloads', []],
    ]);
  });

  it('takes a file with a byte order mark, and leaves out what is no file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'templates-'));
    try {
      const text = await readFile(join(builtIn, 'cluster.json'), 'utf8');
      await writeFile(join(folder, 'cluster.json'), `\uFEFF${text}`);
      await mkdir(join(folder, 'mine.json'));
      const templates = await readTemplates(folder);
      expect(templates.map(({ name, report }) => [name, report.valid])).toEqual([
        ['cluster', true],
        ['mine', false],
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
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
