import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSupervisor, type Supervisor } from '@bud-monitoring/stack';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const FIXTURE = fileURLToPath(new URL('fixtures/runner.mjs', import.meta.url));

function isAlive(group: number): boolean {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
  }
}

function listens(address: string): Promise<boolean> {
  const { hostname, port } = new URL(`tcp://${address}`);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 5000) {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}

describe('a runner that is killed by -9', () => {
  let runner: ChildProcess | undefined;
  afterEach(() => void runner?.kill('SIGKILL'));

  it('leaves no process, port or file behind', async () => {
    // Built code: Node reads no TypeScript. `npm run build` makes it.
    const child = spawn(process.execPath, [FIXTURE], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    runner = child;
    const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
    const started = JSON.parse(line) as { directories: string[]; groups: number[]; redis: string };
    expect(started.groups.map(isAlive)).toEqual([true, true]);
    expect(await listens(started.redis)).toBe(true);

    child.kill('SIGKILL');

    expect(await until(() => !started.groups.some(isAlive))).toBe(true);
    expect(await until(async () => !(await listens(started.redis)))).toBe(true);
    expect(await until(() => !started.directories.some((path) => existsSync(path)))).toBe(true);
  });
});

describe('a supervisor', () => {
  let supervisor: Supervisor;
  beforeEach(async () => {
    supervisor = await startSupervisor();
  });
  afterEach(() => supervisor.stop());

  const shell = (script: string) => ['/bin/sh', '-c', script] as const;

  it('stops higher tiers first, waits for them, and removes its directory', async () => {
    const ended: string[] = [];
    for (const [name, tier] of [
      ['app', 2],
      ['sidecar', 1],
      ['server', 0],
    ] as const) {
      const command = shell('trap "exit 0" TERM; while :; do sleep 0.05; done');
      const child = await supervisor.start({ name, tier, command });
      void child.ended.then((end) => ended.push(end.name));
    }
    await supervisor.stop();
    expect(ended).toEqual(['app', 'sidecar', 'server']);
    expect(existsSync(supervisor.directory)).toBe(false);
  });

  it('kills what does not stop within its grace time, and what that left behind', async () => {
    const command = shell('trap "" TERM; sleep 600 & echo ready; while :; do sleep 0.1; done');
    const child = await supervisor.start({ name: 'deaf', command, graceMs: 200 });
    expect(await until(() => child.logs().includes('ready'))).toBe(true);
    expect(await child.stop()).toMatchObject({ signal: 'SIGKILL', expected: true });
    expect(await until(() => !isAlive(child.pid))).toBe(true);
  });

  it('tells which part ended by itself, how, and what it said last', async () => {
    const unexpected = new Promise((resolve) => supervisor.onUnexpectedEnd(resolve));
    await supervisor.start({ name: 'part', command: shell('echo no more room >&2; exit 3') });
    expect(await unexpected).toEqual({
      name: 'part',
      code: 3,
      signal: null,
      expected: false,
      lastLines: 'no more room',
    });
  });

  it('hands over its own environment and nothing else', async () => {
    const child = await supervisor.start({
      name: 'env',
      command: ['/usr/bin/env'],
      env: { ONLY: 'this' },
      endsByItself: true,
    });
    await child.ended;
    expect(child.logs()).toBe('ONLY=this');
  });

  it('says which program cannot be started', async () => {
    const start = supervisor.start({ name: 'redis', command: ['/does/not/exist'] });
    await expect(start).rejects.toThrow(/^redis could not be started: .*ENOENT/);
  });

  it('starts nothing once it stops', async () => {
    await supervisor.stop();
    const start = supervisor.start({ name: 'late', command: shell('sleep 1') });
    await expect(start).rejects.toThrow('late was not started');
  });
});
