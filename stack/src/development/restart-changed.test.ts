import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRestarter, type WatchedService } from './restart-changed.js';

let directory: string;
let events: string[];
let failing: string | null;
let seconds: number;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'restart-changed-'));
  events = [];
  failing = null;
  seconds = 1_000;
  for (const part of ['shared', 'metrics', 'dashboard']) {
    await mkdir(join(directory, part, 'nested'), { recursive: true });
    await build(part);
  }
});
afterEach(() => rm(directory, { recursive: true }));

/** Writes a part's JavaScript, a second later than any before. */
async function build(part: string, file = 'nested/main.js'): Promise<void> {
  const path = join(directory, part, file);
  await writeFile(path, '');
  seconds += 1;
  await utimes(path, seconds, seconds);
}

function watched(name: string): WatchedService {
  return {
    name,
    directories: [join(directory, name), join(directory, 'shared')],
    server: {
      stop: () => {
        events.push(`stop ${name}`);
        return Promise.resolve();
      },
      start: () => {
        if (failing === name) return Promise.reject(new Error(`${name} ended (exit code 1)`));
        events.push(`start ${name}`);
        return Promise.resolve();
      },
    },
  };
}

const restarter = () =>
  createRestarter([watched('metrics'), watched('dashboard')], (line) => events.push(line));

describe('restarting after a build', () => {
  it('leaves everything running where nothing was written but types', async () => {
    const restart = await restarter();
    await build('metrics', 'main.d.ts');
    await restart();
    expect(events).toEqual([]);
  });

  it('restarts the service whose code was written, once', async () => {
    const restart = await restarter();
    await build('metrics');
    await restart();
    await restart();
    expect(events).toEqual(['stop metrics', 'start metrics', 'metrics restarted']);
  });

  it('restarts all services for code that they share', async () => {
    const restart = await restarter();
    await build('shared');
    await restart();
    expect(events).toEqual(
      expect.arrayContaining(['start metrics', 'start dashboard', 'dashboard restarted']),
    );
  });

  it('says why a service did not come up, and starts it after the next change', async () => {
    const restart = await restarter();
    failing = 'dashboard';
    await build('dashboard');
    await restart();
    expect(events).toEqual(['stop dashboard', 'dashboard ended (exit code 1)']);
    failing = null;
    await build('dashboard');
    await restart();
    expect(events).toContain('dashboard restarted');
  });
});
