import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { describeConfig } from '@bud-monitoring/service-kit';
import { parse } from 'yaml';
import { dashboardEnv } from '../../services/dashboard/src/config.js';
import { metricsEnv } from '../../services/metrics/src/config.js';
import { appEnvironment, fakeGrafanaEnvironment } from '../../stack/src/environment.js';

const rows = { metrics: describeConfig(metricsEnv), dashboard: describeConfig(dashboardEnv) };
const known = new Set(Object.values(rows).flatMap((own) => own.map(({ name }) => name)));
const required = (service: keyof typeof rows) =>
  rows[service].flatMap(({ name, required: must }) => (must ? [name] : []));

const compose = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as {
  services: Record<keyof typeof rows, { environment: Record<string, string> }>;
};
const image = [...readFileSync('Dockerfile', 'utf8').matchAll(/(?<=^ENV .*)\b([A-Z_]+)=/gm)].map(
  ([, name]) => name ?? '',
);

describe('the settings of the services', () => {
  it('stand in the README as their schemas have them (npm run readme)', async () => {
    const run = promisify(execFile)(process.execPath, ['tests/files/readme.mjs', '--check']);
    await expect(run).resolves.toEqual({ stdout: '', stderr: '' });
  });

  it('have a word of explanation each', () => {
    const bare = Object.values(rows).flatMap((own) =>
      own.filter(({ description }) => description === ''),
    );
    expect(bare).toEqual([]);
  });

  it.each(['metrics', 'dashboard'] as const)(
    'that bud-%s cannot do without are set in docker-compose.yml, and none that nobody reads',
    (service) => {
      const { environment } = compose.services[service];
      const set = [...Object.keys(environment), ...image];
      expect(set).toEqual(expect.arrayContaining(required(service)));
      expect(Object.keys(environment).filter((name) => !known.has(name))).toEqual([]);
    },
  );

  it('are set by the stack on this machine, all that are required and none that nobody reads', () => {
    const set = Object.keys(
      appEnvironment(
        {
          identity: {} as Parameters<typeof appEnvironment>[0]['identity'],
          prometheusUrl: 'http://127.0.0.1:9090',
          grafana: fakeGrafanaEnvironment({ url: 'http://127.0.0.1:3000' }, null),
          common: {},
        },
        { port: 1, dapr: { url: '', apiToken: '', appToken: '' } },
      ),
    );
    expect(set).toEqual(expect.arrayContaining([...required('metrics'), ...required('dashboard')]));
    expect(set.filter((name) => !known.has(name))).toEqual(['NODE_ENV']);
  });
});
