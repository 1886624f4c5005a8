import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeConfig } from '@bud-monitoring/service-kit';
import type { Stack } from '@bud-monitoring/stack';
import { dashboardEnv } from '../../services/dashboard/src/config.js';
import { metricsEnv } from '../../services/metrics/src/config.js';
import { addressOf, ask } from './support/ask.js';
import { readOperations } from './support/operations.js';
import { startSystem } from './support/system.js';

const services = ['bud-metrics', 'bud-dashboard'] as const;
let stack: Stack;
beforeAll(async () => {
  stack = await startSystem({
    LOG_LEVEL: 'debug',
    PROMETHEUS_USERNAME: 'store-user',
    PROMETHEUS_PASSWORD: 'secret-of-the-store',
  });
}, 180_000);
afterAll(() => stack.stop());

/** Values of the settings that are secrets, as the running services have them. */
async function secretSettings(): Promise<string[]> {
  const names = [metricsEnv, dashboardEnv].flatMap((schema) =>
    describeConfig(schema).flatMap(({ name, secret }) => (secret ? [name] : [])),
  );
  const found = await Promise.all(
    services.map(async (service) => {
      const pid = stack.app(service).process!.pid();
      const environment = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0');
      return environment.flatMap((line) => {
        const [name = '', value = ''] = line.split(/=(.*)/s);
        return names.includes(name) && value !== 'admin' ? [value] : [];
      });
    }),
  );
  return [...new Set(found.flat())];
}

it('none of the secrets is in an answer or in what any part of a run writes, with all at work and with the store and Grafana away', async () => {
  const good = await stack.identity.mintToken({ permissions: ['cluster:manage'] });
  const expired = await stack.identity.mintToken({
    permissions: ['cluster:view'],
    expiresIn: '-1h',
  });
  const secrets = [...(await secretSettings()), good, expired, stack.redis!.password];
  expect(secrets.length).toBeGreaterThan(6);
  const answers: string[] = [];
  const askAll = async () => {
    for (const operation of readOperations()) {
      for (const token of [good, expired]) {
        const { text, headers } = await ask(
          addressOf(stack, operation),
          operation.request(),
          `Bearer ${token}`,
        );
        answers.push(text + JSON.stringify([...headers]));
      }
    }
  };
  await askAll();
  await stack.prometheus!.stop();
  stack.grafana!.fail('reset');
  await askAll();
  const written = [
    ...services.flatMap((service) => {
      const { process: child, sidecar } = stack.app(service);
      return [child!.logs(), sidecar.logs()];
    }),
    stack.gateway!.logs(),
  ];
  const all = [...answers, ...written];
  expect(written.join('').length).toBeGreaterThan(100_000);
  const found = secrets.flatMap((secret) =>
    all.flatMap((text) => {
      const at = text.indexOf(secret);
      return at < 0 ? [] : [`${text.slice(Math.max(0, at - 300), at)}<SECRET>`];
    }),
  );
  expect(found).toEqual([]);
}, 300_000);
