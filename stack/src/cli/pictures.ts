import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

// `npm run pictures [folder]`: every dashboard of a Grafana as a picture, in three widths, by headless Chromium
// (docs/pictures.md). Where there is no Grafana or no Chromium it says so, and that is no failure.
const run = promisify(execFile);
const { env } = process;
const [folder = 'pictures'] = process.argv.slice(2);
const say = (text: string) => process.stdout.write(`${text}\n`);

/** Widths of a screen, a laptop and a phone, px. */
const widths = [1920, 1200, 420] as const;
const height = 3000;
/** What Chromium waits for panels, in its own time, and at most in ours; ms. */
const budgetMs = 15_000;
const longestMs = 90_000;

const programs = [env['CHROMIUM'], 'chromium', 'chromium-browser', 'google-chrome'];

async function findChromium(): Promise<string | null> {
  for (const program of programs) {
    if (program === undefined || program === '') continue;
    const found = await run(program, ['--version']).then(
      () => true,
      () => false,
    );
    if (found) return program;
  }
  return null;
}

function authorization(): string {
  const { GRAFANA_TOKEN: token, GRAFANA_USERNAME: name = 'admin' } = env;
  if (token !== undefined && token !== '') return `Bearer ${token}`;
  const pair = `${name}:${env['GRAFANA_PASSWORD'] ?? 'admin'}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** A way to Grafana that is logged in: a browser cannot be told a header. */
async function logIn(grafana: string): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const type = request.headers['content-type'];
      const answer = await fetch(`${grafana}${request.url ?? '/'}`, {
        method: request.method ?? 'GET',
        headers: {
          authorization: authorization(),
          ...(type !== undefined && { 'content-type': type }),
        },
        ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
      });
      response.writeHead(answer.status, {
        'content-type': answer.headers.get('content-type') ?? 'text/plain',
      });
      response.end(Buffer.from(await answer.arrayBuffer()));
    })().catch(() => {
      response.writeHead(502);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

interface Found {
  uid: string;
  title: string;
}

async function take(chromium: string, url: string): Promise<number> {
  const answer = await fetch(`${url}/api/search?tag=bud-monitoring&limit=500`);
  if (!answer.ok) throw new Error(`Grafana answered ${answer.status} when asked for dashboards`);
  const dashboards = (await answer.json()) as Found[];
  await mkdir(folder, { recursive: true });
  for (const { uid, title } of dashboards) {
    for (const width of widths) {
      const file = join(folder, `${uid}-${width}.png`);
      await run(
        chromium,
        [
          ...['--headless=new', '--no-sandbox', '--disable-gpu', '--hide-scrollbars'],
          `--window-size=${width},${height}`,
          `--virtual-time-budget=${budgetMs}`,
          `--screenshot=${file}`,
          `${url}/d/${encodeURIComponent(uid)}?kiosk`,
        ],
        { timeout: longestMs },
      );
      say(`${title}: ${file}`);
    }
  }
  return dashboards.length;
}

const { GRAFANA_URL: grafana = '' } = env;
const chromium = grafana === '' ? null : await findChromium();
if (grafana === '') {
  say('no pictures: GRAFANA_URL names no Grafana (docs/pictures.md)');
} else if (chromium === null) {
  say('no pictures: there is no Chromium; CHROMIUM may name it (docs/pictures.md)');
} else {
  const address = grafana.includes('://')
    ? grafana
    : `${env['GRAFANA_SCHEME'] ?? 'http'}://${grafana}`;
  const { url, server } = await logIn(address.replace(/\/$/, ''));
  try {
    const count = await take(chromium, url);
    say(`${count} dashboards, ${count * widths.length} pictures in ${folder}`);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
