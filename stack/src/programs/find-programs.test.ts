import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { constants } from 'node:fs';
import { access, chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSupervisor, type Supervisor } from '../processes/supervisor.js';
import { findPrograms } from './index.js';

let supervisor: Supervisor;
let folder: string;
const reports: string[] = [];

beforeEach(async () => {
  supervisor = await startSupervisor();
  folder = join(supervisor.directory, 'bin');
  await mkdir(folder);
});
afterEach(async () => {
  await supervisor.stop();
  reports.length = 0;
});

async function program(name: string, script = ''): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

function find(names: Parameters<typeof findPrograms>[0], env: Record<string, string> = {}) {
  const surroundings = { PATH: folder, XDG_CACHE_HOME: supervisor.directory, ...env };
  const report = (line: string) => void reports.push(line);
  return findPrograms(names, { env: surroundings, report, supervisor });
}

describe('finding programs', () => {
  it('takes what is on PATH, and says nothing about it', async () => {
    const redis = await program('redis-server');
    const found = await find(['redis-server']);
    expect(found('redis-server')).toBe(redis);
    expect(reports).toEqual([]);
  });

  it('prefers what the environment names', async () => {
    await program('redis-server');
    const other = await program('valkey-server');
    const found = await find(['redis-server'], { REDIS_SERVER_BIN: other });
    expect(found('redis-server')).toBe(other);
  });

  it('says so when what the environment names cannot be run', async () => {
    const finding = find(['redis-server'], { REDIS_SERVER_BIN: '/nowhere/redis' });
    await expect(finding).rejects.toThrow('REDIS_SERVER_BIN names "/nowhere/redis"');
  });

  it('says what to do when something is missing and cannot be installed', async () => {
    await expect(find(['redis-server'])).rejects.toThrow(
      'redis-server is missing: install it (Debian: apt-get install redis-server) or name it in REDIS_SERVER_BIN',
    );
    await expect(find(['prometheus'])).rejects.toThrow(
      'needs Go 1.26.7 or newer on PATH; or name one in PROMETHEUS_BIN',
    );
  });

  const wanting = (version?: string) => (version === undefined ? {} : { DAPR_VERSION: version });

  it.each([
    [undefined, '1.18.3'],
    [undefined, '1.18.10'],
    ['1.16.0', 'v1.16.4'],
  ])('with DAPR_VERSION=%s takes a daprd %s from PATH', async (wanted, version) => {
    const installed = await program('daprd', `echo ${version}`);
    expect((await find(['daprd'], wanting(wanted)))('daprd')).toBe(installed);
  });

  it.each([
    [undefined, '1.18.1'],
    [undefined, '1.16.4'],
    ['1.16.0', '1.17.0'],
  ])('with DAPR_VERSION=%s builds one beside a daprd %s on PATH', async (wanted, version) => {
    await program('daprd', `echo ${version}`);
    await expect(find(['daprd'], wanting(wanted))).rejects.toThrow(
      `building daprd ${wanted ?? '1.18.3'} `,
    );
  });

  it('says which versions of daprd it can build', async () => {
    await expect(find(['daprd'], { DAPR_VERSION: '1.17.0' })).rejects.toThrow(
      'DAPR_VERSION is "1.17.0"; it must be 1.18.3 or 1.16.0, or name a daprd in DAPRD_BIN',
    );
  });

  it('keeps what it built, and builds nothing half', async () => {
    const counter = join(supervisor.directory, 'count');
    await program(
      'go',
      `echo built >> ${counter}; echo '#!/bin/sh' > "$GOBIN/daprd"; chmod +x "$GOBIN/daprd"`,
    );
    const path = `${folder}:/usr/bin:/bin`;
    const [first, second] = await Promise.all([1, 2].map(() => find(['daprd'], { PATH: path })));
    expect(first?.('daprd')).toContain(join('bud-monitoring', 'daprd-1.18.3-'));
    expect(second?.('daprd')).toBe(first?.('daprd'));
    expect(reports.filter((line) => line.endsWith('done in 0 s'))).toHaveLength(1);
  });

  it('shows why a build failed', async () => {
    await program('go', 'echo "no space left on device" >&2; exit 1');
    await expect(find(['daprd'])).rejects.toThrow(/go ended \(exit code 1\).*no space left/s);
  });

  describe('where Docker runs', () => {
    const withTools = () => ({ PATH: `${folder}:/usr/bin:/bin` });

    /** Docker's command as far as it is needed; notes what it is asked. */
    const docker = (create = 'echo c0ffee > "$3"') =>
      program(
        'docker',
        `echo "$@" >> ${join(supervisor.directory, 'calls')}
case "$1" in
create) ${create} ;;
cp) printf '#!/bin/sh\\necho 1.18.3\\n' > "$3"; chmod +x "$3" ;;
esac`,
      );
    const calls = async () =>
      (await readFile(join(supervisor.directory, 'calls'), 'utf8')).trim().split('\n');

    it('copies a program out of its image, once, and removes the container', async () => {
      await docker();
      const first = await find(['daprd'], withTools());
      const second = await find(['daprd'], withTools());

      const path = first('daprd');
      expect(path).toBe(join(supervisor.directory, 'bud-monitoring/daprio-daprd-1.18.3/daprd'));
      await expect(access(path, constants.X_OK)).resolves.toBeUndefined();
      expect(second('daprd')).toBe(path);
      const [asked, created, copied, removed, ...more] = await calls();
      expect(asked).toBe('version');
      expect(created).toMatch(/^create --cidfile \S+ daprio\/daprd:1\.18\.3 \/daprd$/);
      expect(copied).toMatch(/^cp c0ffee:\/daprd \S+$/);
      expect([removed, more]).toEqual(['rm --volumes c0ffee', []]);
    });

    it('builds what it cannot copy, and says why', async () => {
      await docker('echo "no such host" >&2; exit 1');
      await expect(find(['daprd'], withTools())).rejects.toThrow('needs Go 1.26.6');
      expect(reports.join('\n')).toMatch(/image daprio\/daprd:1\.18\.3 .* failed: .*no such host/s);
    });

    it('asks no image for what is there', async () => {
      await docker();
      const redis = await program('prometheus');
      expect((await find(['prometheus']))('prometheus')).toBe(redis);
      await expect(calls()).rejects.toThrow('ENOENT');
    });

    it('runs what needs the libraries of its image in it', async () => {
      await docker();
      const found = await find(['redis-server'], { REDIS_IMAGE: 'mirror/redis:7' });
      expect(found('redis-server')).toBe('redis-server');
      expect(found.image('redis-server')).toBe('mirror/redis:7');
      expect(await calls()).toEqual(['version', 'image inspect mirror/redis:7']);
      expect(reports).toEqual([]);
    });

    it('prefers an installed one, unless told otherwise', async () => {
      await docker();
      const nginx = await program('nginx');
      const installed = await find(['nginx']);
      expect([installed('nginx'), installed.image('nginx')]).toEqual([nginx, undefined]);
      const told = await find(['nginx'], { STACK_SERVERS: 'containers' });
      expect([told('nginx'), told.image('nginx')]).toEqual(['nginx', 'nginx:1.29.3-alpine']);
    });

    it('does without an image that cannot be had, and says why', async () => {
      await program(
        'docker',
        '[ "$1" = version ] && exit; echo "$1: no route to registry" >&2; exit 1',
      );
      await expect(find(['redis-server'])).rejects.toThrow('redis-server is missing: install it');
      expect(reports.join('\n')).toMatch(
        /pulling the image redis:7\.4\.6-alpine .* failed: .*pull: no route to registry/s,
      );
    });
  });
});
