import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { reservePorts, type PortBlock } from '@bud-monitoring/stack';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NODE = [process.execPath, 'stack/bootstrap.mjs', 'start'] as const;
const NPM = ['npm', 'start', '--silent'] as const;
const TIMEOUT_MS = 60_000;

/** `npm start`, as npm calls it, with all its temporary files in one place of ours. */
interface Started {
  bootstrap: ChildProcess;
  url: string;
  token: string;
  output: () => string;
  errors: () => string;
  exit: Promise<number | null>;
}

let temporary: string;
let ports: PortBlock;
const bootstraps: ChildProcess[] = [];

beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'start-'));
  ports = await reservePorts();
});
afterEach(async () => {
  for (const bootstrap of bootstraps.splice(0)) bootstrap.kill('SIGKILL');
  await until(async () => (await directories()).length === 0);
  await rm(temporary, { recursive: true });
  await ports.release();
}, TIMEOUT_MS);

/** Throws with what it said when it does not become ready. */
async function start(command?: typeof NODE | typeof NPM): Promise<Started> {
  const started = await launch({}, command);
  if (started.url === '') throw new Error(`npm start: ${started.errors()}`);
  return started;
}

async function launch(
  environment: Record<string, string> = {},
  [program, ...args]: readonly [string, ...string[]] = NODE,
): Promise<Started> {
  const env = { ...process.env, NODE_OPTIONS: '', TMPDIR: temporary, ...environment };
  const bootstrap = spawn(program, args, {
    cwd: ROOT,
    env: { ...env, GATEWAY_PORT: environment['GATEWAY_PORT'] ?? String(await ports.next()) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  bootstraps.push(bootstrap);
  let output = '';
  let errors = '';
  bootstrap.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  bootstrap.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const exit = once(bootstrap, 'exit').then(([code]) => code as number | null);
  let ended = false;
  void exit.then(() => (ended = true));
  const lines = /^ready (\S+)\ntoken (\S+)\n/;
  await until(() => lines.test(output) || ended, TIMEOUT_MS);
  const [, url = '', token = ''] = lines.exec(output) ?? [];
  return { bootstrap, url, token, output: () => output, errors: () => errors, exit };
}

async function directories(): Promise<string[]> {
  const entries = await readdir(temporary);
  return entries.filter((name) => name.startsWith('bud-monitoring-'));
}

/** The processes of all stacks here: their ids by their command lines. */
async function processes(): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  for (const directory of await directories()) {
    for (const pid of await readdir(join(temporary, directory, 'pids'))) {
      found.set(Number(pid), execFileSync('ps', ['-o', 'args=', '-p', pid]).toString());
    }
  }
  return found;
}

async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 40_000) {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('waited in vain');
    await sleep(50);
  }
}

const isGone = (pid: number) => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

describe('npm start', () => {
  it(
    'serves two whole stacks side by side, each with tokens of its own',
    async () => {
      const [one, two] = await Promise.all([start(), start()]);
      const ask = ({ url }: Started, { token }: Started) =>
        fetch(`${url}/api/clusters/7f3c0a51-4d0c-4f11-9a53-0a1b2c3d4e5f/grafana-dashboard`, {
          headers: { authorization: `Bearer ${token}` },
        }).then(({ status }) => status);

      expect(await Promise.all([ask(one, one), ask(two, two)])).toEqual([404, 404]);
      expect(one.output()).toMatch(
        new RegExp(`^console ${one.url}/\nconsole-password [0-9a-f]{12}$`, 'm'),
      );
      expect(await (await fetch(`${one.url}/clusters/x`)).text()).toContain('<div id="app">');
      expect(await Promise.all([ask(one, two), ask(two, one)])).toEqual([401, 401]);

      const running = [...(await processes()).keys()];
      expect(running.length).toBeGreaterThanOrEqual(18);
      one.bootstrap.kill('SIGINT');
      two.bootstrap.kill('SIGTERM');
      expect(await Promise.all([one.exit, two.exit])).toEqual([0, 0]);
      expect(running.filter((pid) => !isGone(pid))).toEqual([]);
      expect(await directories()).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'stops everything when a part dies, and says which',
    async () => {
      const { exit, errors } = await start();
      const running = await processes();
      const [redis] = [...running].find(([, args]) => args.includes('redis-server'))!;
      process.kill(redis, 'SIGKILL');

      expect(await exit).toBe(1);
      expect(errors()).toContain('redis ended (SIGKILL)');
      expect([...running.keys()].filter((pid) => !isGone(pid))).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it.each([
    ['npm', NPM],
    ['what npm runs', NODE],
  ])(
    'leaves nothing when %s is killed by -9',
    async (_, command) => {
      const { bootstrap } = await start(command);
      const running = [...(await processes()).keys()];
      expect(running.length).toBeGreaterThanOrEqual(9);
      bootstrap.kill('SIGKILL');

      await until(async () => (await directories()).length === 0, 30_000);
      expect(running.filter((pid) => !isGone(pid))).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'has a sidecar for an app of one’s own, and says where',
    async () => {
      const { output } = await launch({ OWN_APP_ID: 'my-app' });
      const line = (name: string) => new RegExp(`^${name} (\\S+)$`, 'm').exec(output())?.[1] ?? '';
      await until(() => line('names') !== '');
      const response = await fetch(`${line('sidecar')}/v1.0/invoke/bud-metrics/method/health`, {
        headers: { 'dapr-api-token': line('dapr-api-token') },
      });
      expect(response.status).toBe(200);
      expect(await readdir(line('names'))).toContain('names.db');
    },
    TIMEOUT_MS,
  );

  it(
    'says so when its port is taken',
    async () => {
      const { url } = await start();
      const second = await launch({ GATEWAY_PORT: new URL(url).port });
      expect(await second.exit).toBe(1);
      expect(second.errors()).toContain('wanted for the gateway, is taken');
    },
    TIMEOUT_MS,
  );
});
