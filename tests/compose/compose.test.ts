import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSupervisor } from '@bud-monitoring/stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRandom } from '../chaos/support/random.js';
import { openDocker } from '../../stack/src/opt-in/docker.js';
import { createCaller, startLoad, type Caller } from './support/load.js';
import { startSystem, type System } from './support/system.js';

/** `npm run test:compose`; tests/compose is left out of `npm test` (jest.config.mjs). */
const kills = Number(process.env['COMPOSE_KILLS'] ?? '50');
const seed = Number(process.env['COMPOSE_SEED'] ?? Date.now() % 100_000);
const MINUTE = 60_000;

const cleanup: (() => Promise<unknown> | PromiseLike<unknown>)[] = [];
let system: System;
let caller: Caller;

beforeAll(async () => {
  const supervisor = await startSupervisor();
  cleanup.push(() => supervisor.stop());
  const report = (line: string) => void process.stderr.write(`${line}\n`);
  const context = { env: process.env, report, supervisor };
  const docker = await openDocker(context);
  cleanup.push(() => docker.stop());
  system = await startSystem(context, docker);
  cleanup.push(() => system[Symbol.asyncDispose]());
  caller = await createCaller(system);
}, 30 * MINUTE);

afterAll(async () => {
  for (const end of cleanup.reverse()) await end();
}, 3 * MINUTE);

describe('docker-compose.yml, up', () => {
  it(
    'works the whole way, from an event and a sample to a link that opens',
    async () => {
      expect(await caller.wholeWay(MINUTE)).toBeLessThan(60);
    },
    2 * MINUTE,
  );

  it('runs every part without root, capabilities or a writable image', async () => {
    for (const part of system.parts) {
      const { HostConfig, State } = await system.inspect(part);
      expect([part, HostConfig]).toEqual([
        part,
        expect.objectContaining({
          ReadonlyRootfs: true,
          CapDrop: ['ALL'],
          Privileged: false,
          SecurityOpt: expect.arrayContaining([expect.stringMatching('no-new-privileges')]),
        }),
      ]);
      const status = await readFile(`/proc/${State.Pid}/status`, 'utf8');
      expect([part, /^Uid:\s+(\d+)/m.exec(status)?.[1]]).not.toEqual([part, '0']);
    }
  });

  it('serves the console from the image of the gateway', async () => {
    for (const path of ['/', `/clusters/${randomUUID()}`]) {
      const page = await fetch(`${system.gateway}${path}`);
      expect([path, page.status]).toEqual([path, 200]);
      const [, script = ''] = /<script[^>]* src="([^"]+)"/.exec(await page.text()) ?? [];
      const { status, headers } = await fetch(new URL(script, system.gateway));
      const type = expect.stringContaining('javascript');
      expect([status, headers.get('content-type')]).toEqual([200, type]);
    }
  });

  it('finds no part unhealthy, though there is no bud-cluster', async () => {
    for (const service of ['metrics', 'dashboards']) {
      const response = await fetch(`${system.gateway}/api/${service}/health/stack`);
      expect(await response.json()).toMatchObject({ message: 'No part is unhealthy' });
      expect(response.status).toBe(200);
    }
  });

  it('asks for a password before Redis says anything', async () => {
    const answer = await system.inside(
      'redis',
      'env',
      '-u',
      'REDISCLI_AUTH',
      'redis-cli',
      'keys',
      '*',
    );
    expect(answer).toContain('NOAUTH');
  });

  it('takes samples from nobody without the token', async () => {
    const write = (headers: Record<string, string>) =>
      fetch(`${system.gateway}/api/v1/write`, { method: 'POST', headers });
    for (const authorization of ['', 'Bearer ', 'Bearer nonsense', system.writeToken]) {
      const response = await write({ authorization });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ code: 401, type: 'UnauthorizedError' });
    }
    expect((await write({ authorization: `Bearer ${system.writeToken}` })).status).toBe(400);
  });

  it(
    'lets nobody but sidecars reach where sidecars call each other, or Redis',
    async () => {
      const reach = (from: string, address: string) =>
        system.inside(
          from,
          'wget',
          '-q',
          '-T',
          '2',
          '-t',
          '1',
          '-O',
          '/dev/null',
          `http://${address}/`,
        );
      const open = await reach('gateway', `${system.address(71)}:8080`);
      expect(open).toMatch(/exit|status|code/i); // connected: an error of HTTP or none
      for (const from of ['metrics', 'dashboard', 'gateway', 'prometheus', 'grafana'])
        for (const target of [`${system.address(11)}:50002`, `${system.address(10)}:6379`])
          expect(await reach(from, target)).not.toBe('');
    },
    MINUTE,
  );

  it(
    'keeps everything over down and up',
    async () => {
      const id = randomUUID();
      await caller.announce(id);
      await caller.write(id, 7);
      await system.compose('down', '--timeout', '20');
      await system.compose('up', '--detach', '--wait', '--wait-timeout', '240', '--no-build');
      await caller.wholeWay(MINUTE);
      expect(await caller.query(id, 'bud_compose_test')).toBe('7');
      expect((await caller.dashboard(id)).state).toBe('ready');
    },
    6 * MINUTE,
  );
});

it(
  `comes back from ${kills} crashes and restarts of any part, and loses nothing (seed ${seed})`,
  async () => {
    const random = createRandom(seed);
    const clusters = [randomUUID(), randomUUID()];
    for (const id of clusters) {
      await caller.announce(id);
      await caller.write(id, 1);
    }
    await caller.wholeWay(MINUTE);
    const load = startLoad(caller, clusters);
    const took: { what: string; seconds: number }[] = [];
    // Each part once by a crash, then any, alone or two at once, crashed or restarted.
    const rounds = Array.from({ length: kills }, (_, round) => {
      const first = system.parts[round];
      if (first !== undefined) return { parts: [first], crash: true };
      const parts = [random.pick(system.parts), random.pick(system.parts)];
      return {
        parts: [...new Set(random.chance(0.3) ? parts : parts.slice(1))],
        crash: random.chance(0.7),
      };
    });
    try {
      for (const { parts, crash } of rounds) {
        const what = `${crash ? 'crash' : 'restart'} of ${parts.join(' and ')}`;
        process.stderr.write(`${what} (load ${loadavg()[0]?.toFixed(1)}): `);
        if (crash) await Promise.all(parts.map((part) => system.crash(part)));
        else await system.compose('restart', '--timeout', '10', ...parts);
        const seconds = await caller.wholeWay(MINUTE);
        took.push({ what, seconds });
        process.stderr.write(`${seconds} s\n`);
      }
    } finally {
      await load.end();
    }

    expect(took.filter(({ seconds }) => seconds > 60)).toEqual([]);
    expect(load.answers.wrong).toEqual([]);
    expect(load.answers.cut).toBeLessThanOrEqual(kills);
    expect(load.answers.right).toBeGreaterThan(kills);
    const [sampled = ''] = clusters;
    const kept = await caller.query(sampled, 'count_over_time(bud_compose_test[1d])');
    expect(Number(kept)).toBeGreaterThanOrEqual(load.accepted.samples);
    await untilReady(load.accepted.events);
    process.stderr.write(
      `${JSON.stringify({ kills, seed, right: load.answers.right, away: load.answers.away, cut: load.answers.cut, samples: load.accepted.samples, events: load.accepted.events.length, slowest: Math.max(...took.map(({ seconds }) => seconds)) })}\n`,
    );
  },
  (5 + 2 * kills) * MINUTE,
);

/** Each of them has its dashboards, in the end. */
async function untilReady(clusters: readonly string[]): Promise<void> {
  const states = () => Promise.all(clusters.map(async (id) => (await caller.dashboard(id)).state));
  const end = performance.now() + MINUTE;
  while (performance.now() < end && (await states()).some((state) => state !== 'ready'))
    await sleep(1000);
  expect((await states()).filter((state) => state !== 'ready')).toEqual([]);
}
