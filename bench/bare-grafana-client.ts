import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';

/** Makes the calls that bud-dashboard makes for new clusters, and nothing else; tells how long it took. */
const [, , url = '', file = '', count = '0', concurrency = '1', warmUp = '0'] = process.argv;
const { sample, parts } = JSON.parse(await readFile(file, 'utf8')) as {
  sample: string;
  parts: { uid: string; data: Record<string, unknown> }[];
};
const agent = new Agent({ keepAlive: true });
const authorization = `Basic ${Buffer.from('admin:admin').toString('base64')}`;

// The main dashboard and its link come first.
parts.sort((a, b) => a.uid.length - b.uid.length);
const texts = parts.map(({ uid, data }) => {
  const dashboard = { ...data };
  for (const key of ['id', 'version']) Reflect.deleteProperty(dashboard, key);
  return { suffix: uid.slice(sample.length), text: JSON.stringify({ dashboard, message: 'Bare' }) };
});

function call(method: string, path: string, body?: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    const outgoing = request(new URL(path, url), { method, agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(JSON.parse(text)));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function provision(): Promise<void> {
  const id = randomUUID();
  for (const { suffix, text } of texts) {
    const path = `/api/dashboards/uid/${id}${suffix}`;
    await call('GET', path);
    await call(
      'POST',
      '/api/dashboards/db',
      text.replaceAll(sample, id).replaceAll(sample.slice(0, 8), id.slice(0, 8)),
    );
    await call('GET', path);
    if (suffix !== '') continue;
    const share = `${path}/public-dashboards`;
    // Looked for once by the work and once by the making, as the service does.
    await call('GET', share);
    await call('GET', share);
    await call('POST', share, JSON.stringify({ isEnabled: true }));
  }
}

let left = Number(warmUp);
await work();
left = Number(count);
const began = performance.now();
const cpuBefore = process.cpuUsage();
await work();
const ms = performance.now() - began;
const { user, system } = process.cpuUsage(cpuBefore);
process.send?.({ ms, cpu: (user + system) / 1e6 });
agent.destroy();

async function work(): Promise<void> {
  await Promise.all(
    Array.from({ length: Number(concurrency) }, async () => {
      while (left > 0) {
        left -= 1;
        await provision();
      }
    }),
  );
}
