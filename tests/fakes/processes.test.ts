import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { admin, call } from './call.js';

const CLUSTER = 'abcdef01-2345-1678-9abc-def012345678';
let running: ChildProcess[] = [];

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running = [];
});

/** Starts a built fake and reads its lines up to `ready`, as a map of the first word to the second. */
async function run(name: 'grafana' | 'bud-cluster', env: Record<string, string>) {
  const main = fileURLToPath(
    new URL(`../../stack/dist/fakes/fake-${name}/main.js`, import.meta.url),
  );
  if (!existsSync(main)) throw new Error('The fakes are not built: run `npm run build` first');
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  running.push(child);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const lines = new Map<string, string>();
  for await (const line of createInterface({ input: child.stdout })) {
    const [word = '', rest = ''] = line.split(' ');
    lines.set(word, rest);
    if (word === 'ready') break;
  }
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return { lines, stop };
}

describe('the fakes as processes', () => {
  it('run Grafana with the credentials and dialect of the environment', async () => {
    const env = { GRAFANA_PASSWORD: 'secret', GRAFANA_DIALECT: 'later' };
    const grafana = await run('grafana', env);
    const url = grafana.lines.get('ready')!;

    const health = await call('GET', `${url}/api/health`);
    const refused = await call('GET', `${url}/api/org`, { headers: admin });

    expect(health.json).toMatchObject({ version: '12.0.0' });
    expect(refused.status).toBe(401);
    expect(await grafana.stop()).toBe(0);
  });

  it('run bud-cluster with the fleet of a file and its control routes', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'fake-bud-cluster-'));
    try {
      const file = join(directory, 'fleet.json');
      writeFileSync(file, JSON.stringify([{ clusterId: CLUSTER, name: 'east', nodes: [] }]));
      const budCluster = await run('bud-cluster', { FLEET_FILE: file, CONTROL_TOKEN: 'control' });
      const url = `${budCluster.lines.get('ready')!}/cluster/${CLUSTER}/events-count-by-node`;

      const before = await call('GET', url);
      await call('POST', `${budCluster.lines.get('control')!}/faults`, {
        headers: { authorization: 'Bearer control' },
        body: { kind: 503 },
      });
      const after = await call('GET', url);

      expect([before.status, after.status]).toEqual([200, 503]);
      expect(await budCluster.stop()).toBe(0);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
