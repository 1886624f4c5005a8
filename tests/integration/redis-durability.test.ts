import { startStack } from '@bud-monitoring/stack';
import { describe, expect, it } from '@jest/globals';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { durabilityWarnings } from '../../stack/src/servers/redis-durability.js';
import { createEchoApp } from '../support/echo-app.js';
import { redisCommands } from '../support/redis-command.js';

describe('a Redis that is not ours', () => {
  it('is warned of at the start if it may forget what it acknowledged', async () => {
    await using owner = await startStack({ redis: true });
    const { address, password } = owner.redis!;
    const redis = { address, password };
    expect(await durabilityWarnings(redis)).toEqual([]);
    await redisCommands(
      redis,
      'CONFIG SET maxmemory-policy allkeys-lru',
      'CONFIG SET appendfsync everysec',
    );

    const reports: string[] = [];
    const stack = await startStack({ redis, report: (line) => reports.push(line) });
    await stack.stop();

    expect(reports).toEqual([
      `warning: Redis at ${redis.address}: maxmemory-policy is allkeys-lru; it must be noeviction, or Redis loses what it acknowledged`,
      `warning: Redis at ${redis.address}: appendfsync is everysec; it must be always, or Redis loses what it acknowledged`,
    ]);
  });

  it('says so when its settings cannot be read', async () => {
    await using owner = await startStack({ redis: true });
    const redis = owner.redis!;
    await redisCommands(redis, 'ACL SETUSER default -config');
    expect(await durabilityWarnings(redis)).toHaveLength(3);
  });
});

it('keeps streams short that nobody reads', async () => {
  const resources = await mkdtemp(join(tmpdir(), 'components-'));
  await cp('components', resources, { recursive: true });
  const file = join(resources, 'pubsub.yaml');
  const pubsub = await readFile(file, 'utf8');
  const short = pubsub.replace("value: '100000'", "value: '100'");
  expect(short).not.toBe(pubsub);
  await writeFile(file, short);
  try {
    await using stack = await startStack({
      apps: [{ ...createEchoApp('bud-metrics'), sidecar: { resources } }],
    });
    const { url, apiToken } = stack.app('bud-metrics').sidecar;
    const publish = () =>
      fetch(`${url}/v1.0/publish/pubsub/cluster-alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'dapr-api-token': apiToken },
        body: '{"alert":1}',
      });
    for (let round = 0; round < 100; round += 1) {
      await Promise.all(Array.from({ length: 10 }, publish));
    }
    const length = Number(
      /:(\d+)/.exec(await redisCommands(stack.redis!, 'XLEN cluster-alerts'))?.[1],
    );
    expect(length).toBeGreaterThan(90);
    expect(length).toBeLessThan(400);
  } finally {
    await rm(resources, { recursive: true });
  }
});
