import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { listen } from '../../stack/src/fakes/listen.js';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../stack/dist/cli/pictures.js', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictures-'));
});
afterEach(() => rm(folder, { recursive: true }));

const takePictures = async (environment: Record<string, string>) => {
  const { PATH = '' } = process.env;
  const { stdout } = await run(process.execPath, [script, join(folder, 'out')], {
    env: { PATH, ...environment },
    timeout: 30_000,
  });
  return stdout;
};

/** Writes what the page says in place of a picture of it. */
const browser = `#!/usr/bin/env node
const args = process.argv.slice(2);
if (!args.includes('--version')) {
  const file = args.find((one) => one.startsWith('--screenshot=')).slice('--screenshot='.length);
  fetch(args.at(-1)).then((answer) => answer.text())
    .then((text) => require('node:fs').writeFileSync(file, text));
}
`;

describe('npm run pictures', () => {
  it('says that there is no Grafana, or no browser, and ends well', async () => {
    expect(await takePictures({})).toContain('GRAFANA_URL names no Grafana');
    const environment = { GRAFANA_URL: '127.0.0.1:1', PATH: '/nonexistent' };
    expect(await takePictures(environment)).toContain('there is no Chromium');
  });

  it('takes every dashboard of ours, logged in, in three widths', async () => {
    const program = join(folder, 'browser.cjs');
    await writeFile(program, browser);
    await chmod(program, 0o755);
    const grafana = await listen((request, response) => {
      const isLoggedIn = request.headers.authorization === 'Bearer secret';
      response.writeHead(isLoggedIn ? 200 : 401, { 'content-type': 'application/json' });
      const isSearch = request.url?.startsWith('/api/search?tag=bud-monitoring') === true;
      const found = [
        { uid: 'one', title: 'One' },
        { uid: 'two', title: 'Two' },
      ];
      response.end(isSearch ? JSON.stringify(found) : `the page ${request.url ?? ''}`);
    });
    try {
      const environment = { GRAFANA_URL: grafana.url, GRAFANA_TOKEN: 'secret', CHROMIUM: program };
      expect(await takePictures(environment)).toContain('2 dashboards, 6 pictures');
    } finally {
      await grafana.close();
    }
    const files = (await readdir(join(folder, 'out'))).sort();
    expect(files).toHaveLength(6);
    expect(files).toContain('two-420.png');
    expect(await readFile(join(folder, 'out', 'one-1920.png'), 'utf8')).toBe(
      'the page /d/one?kiosk',
    );
  });
});
