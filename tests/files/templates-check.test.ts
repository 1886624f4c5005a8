import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const program = 'services/dashboard/dist/templates/check.js';
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'templates-'));
  await cp('templates', folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

const check = () => spawnSync(process.execPath, [program, folder], { encoding: 'utf8' });

describe('the lint as a command', () => {
  it('ends well where every template can be used', () => {
    const { status, stdout } = check();
    expect(status).toBe(0);
    expect(stdout).toContain('cluster: can be used (40 panels');
  });

  it('fails over one that cannot, and says where', async () => {
    const target = { refId: 'A', expr: 'sum(up)' };
    const panels = [{ id: 1, type: 'stat', title: 'Up', targets: [target] }];
    await writeFile(join(folder, 'mine.json'), JSON.stringify({ title: 'Mine', panels }));

    const { status, stdout } = check();

    expect(status).toBe(1);
    expect(stdout).toContain('mine: CANNOT be used');
    expect(stdout).toContain('error: panels[0].targets[0].datasource must be $datasource');
    expect(stdout).toContain('cluster: can be used');
  });

  it('fails over a folder without the main one', async () => {
    await rm(join(folder, 'cluster.json'));
    const { status, stderr } = check();
    expect(status).toBe(1);
    expect(stderr).toContain('no cluster.json');
  });
});
