import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { service, startStack, startSupervisor, type Stack } from '@bud-monitoring/stack';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openDocker, type Docker } from '../../stack/src/opt-in/docker.js';
import { makeStandIns } from './support/images.js';

// Redis and nginx of the stack as containers: what runs on a machine with Docker and neither program.
const cleanup: (() => Promise<unknown> | PromiseLike<unknown>)[] = [];
const before = { ...process.env };
let docker: Docker;
let env: Record<string, string | undefined>;

beforeAll(async () => {
  const supervisor = await startSupervisor();
  cleanup.push(() => supervisor.stop());
  const report = (line: string) => void process.stderr.write(`${line}\n`);
  const context = { env: process.env, report, supervisor };
  docker = await openDocker(context);
  cleanup.push(() => docker.stop());
  const images = await makeStandIns(context, docker, ['REDIS_IMAGE', 'NGINX_IMAGE']);
  // testcontainers finds the daemon by the environment of its process.
  if (docker.host !== undefined) process.env['DOCKER_HOST'] = docker.host;
  env = { ...process.env, ...images, STACK_SERVERS: 'containers' };
}, 600_000);

afterAll(async () => {
  process.env = before;
  for (const end of cleanup.reverse()) await end();
}, 60_000);

const ours = ['--all', '--filter', 'label=org.testcontainers=true'];
const running = async () =>
  (await docker(['ps', ...ours, '--format', '{{.Image}}']))
    .split('\n')
    .map((image) => image.replace(/^bud-monitoring-stand-in-|:latest$/g, ''))
    .filter((image) => image !== '')
    .sort();

const stackInContainers = () =>
  startStack({ env, grafana: true, gateway: true, apps: [service('dashboard')] });

async function linkAfterEvent(stack: Stack): Promise<void> {
  const { grafana } = stack;
  const { sidecar } = stack.app('bud-dashboard');
  const wanted = (grafana?.publicDashboards().length ?? 0) + 1;
  const published = await fetch(`${sidecar.url}/v1.0/publish/pubsub/cluster-created`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'dapr-api-token': sidecar.apiToken },
    body: JSON.stringify({ cluster_id: randomUUID(), name: 'in containers' }),
  });
  expect(published.status).toBe(204);
  while ((grafana?.publicDashboards().length ?? 0) < wanted) await sleep(100);
}

it('works, is killed and started again, and leaves nothing behind', async () => {
  {
    await using stack = await stackInContainers();
    const { redis, gateway } = stack;
    if (!redis || !('stop' in redis) || !gateway) throw new Error('the stack lacks a part');
    expect(await running()).toEqual(['nginx', 'redis']);
    await linkAfterEvent(stack);
    expect((await fetch(`${gateway.url}/api/dashboards/docs`)).status).toBe(200);

    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      await redis.stop(signal);
      expect(await running()).toEqual(['nginx']);
      expect(redis.pid()).toBeNull();
      await redis.start();
      await linkAfterEvent(stack);
    }
    // A SIGTERM is one: Redis says that it saves and exits, a crash says nothing.
    expect(redis.logs().match(/Received SIGTERM/g)).toHaveLength(1);
    expect(redis.logs().match(/Ready to accept connections/g)).toHaveLength(3);
  }
  expect(await running()).toEqual([]);
}, 180_000);

it('notices a container that ends by itself', async () => {
  await using stack = await stackInContainers();
  const filters = [...ours, '--filter', 'ancestor=bud-monitoring-stand-in-redis'];
  const id = (await docker(['ps', ...filters, '--quiet'])).trim();
  await docker(['kill', id]);
  await expect(stack.failed).resolves.toMatch(/redis ended/);
}, 120_000);
