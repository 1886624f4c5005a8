import { describe, expect, it } from '@jest/globals';
import { readDashboardConfig } from './config.js';

const good = {
  AUTH_MODE: 'off',
  GRAFANA_URL: 'grafana:3000/sub/',
  GRAFANA_TOKEN: 'glsa_secret',
};

describe('readDashboardConfig', () => {
  it('has defaults for all but Grafana and the decision about authentication', () => {
    expect(readDashboardConfig(good)).toMatchObject({
      auth: { mode: 'off', appId: 'bud-dashboard' },
      grafana: {
        scheme: 'http',
        url: 'grafana:3000/sub',
        publicUrl: 'http://grafana:3000/sub',
        folder: null,
        datasource: { uid: 'prometheus', url: null },
        loginPauseMs: 1_800_000,
      },
      drift: 'overwrite',
      productDashboard: false,
      sharingAllowed: true,
      eventsWithLink: false,
      concurrency: 4,
      pendingIntervalMs: 120_000,
      driftIntervalMs: 600_000,
    });
  });

  it.each([
    ['https://grafana.example/', {}, 'https', 'grafana.example'],
    ['HTTP://grafana:3000/sub/', { GRAFANA_SCHEME: 'https' }, 'http', 'grafana:3000/sub'],
    ['10.0.0.1', { GRAFANA_SCHEME: 'https' }, 'https', '10.0.0.1'],
    ['[fd00::1]:3000', {}, 'http', '[fd00::1]:3000'],
  ])('understands %s as the address of Grafana', (GRAFANA_URL, others, scheme, url) => {
    const { grafana } = readDashboardConfig({ ...good, GRAFANA_URL, ...others });
    expect(grafana).toMatchObject({ scheme, url, publicUrl: `${scheme}://${url}` });
  });

  it.each(['ftp://grafana', 'admin:secret@grafana', '/grafana', 'gra fana', 'http://', 'g?x=1'])(
    'refuses %s as the address of Grafana',
    (GRAFANA_URL) => {
      const read = () => readDashboardConfig({ ...good, GRAFANA_URL });
      expect(read).toThrow('- GRAFANA_URL ');
      expect(read).not.toThrow('secret');
    },
  );

  it('names every wrong variable at once, and no secret', () => {
    const wrong = {
      AUTH_MODE: 'maybe',
      GRAFANA_URL: 'https://admin:hunter2@grafana',
      GRAFANA_SCHEME: 'ftp',
      DRIFT_POLICY: 'ignore',
      PROVISION_CONCURRENCY: '0',
      DRIFT_INTERVAL: '10',
    };
    const read = () => readDashboardConfig(wrong);
    for (const name of Object.keys(wrong)) expect(read).toThrow(`- ${name} `);
    expect(read).not.toThrow('hunter2');
  });

  it.each([
    ['neither token nor user', { GRAFANA_TOKEN: undefined }],
    ['a user without a password', { GRAFANA_TOKEN: undefined, GRAFANA_USERNAME: 'admin' }],
  ])('refuses %s', (_, change) => {
    expect(() => readDashboardConfig({ ...good, ...change })).toThrow('- GRAFANA_TOKEN is not set');
  });

  it('takes a user with a password', () => {
    const { grafana } = readDashboardConfig({
      ...good,
      GRAFANA_TOKEN: undefined,
      GRAFANA_USERNAME: 'admin',
      GRAFANA_PASSWORD: 'secret',
      GRAFANA_PUBLIC_URL: 'https://dashboards.example.org/',
    });
    expect(grafana).toMatchObject({
      username: 'admin',
      publicUrl: 'https://dashboards.example.org',
    });
  });
});
