import { describe, expect, it } from '@jest/globals';
import { externalGrafanaEnvironment } from './environment.js';

describe('the environment for another Grafana', () => {
  const address = { scheme: 'https', url: 'grafana.example/sub', environment: {} };
  const leads = { GRAFANA_SCHEME: 'https', GRAFANA_URL: 'grafana.example/sub' };

  it('has a data source for a Prometheus of the stack', () => {
    expect(externalGrafanaEnvironment(address, 'http://127.0.0.1:23456')).toEqual({
      ...leads,
      GRAFANA_DATASOURCE_UID: 'bud-monitoring-23456',
      GRAFANA_DATASOURCE_URL: 'http://127.0.0.1:23456',
    });
  });

  it('has none for a store that runs elsewhere, nor against what is told', () => {
    expect(externalGrafanaEnvironment(address, null)).toEqual(leads);
    const environment = { GRAFANA_DATASOURCE_URL: 'http://host.docker.internal:23456' };
    expect(
      externalGrafanaEnvironment({ ...address, environment }, 'http://127.0.0.1:23456'),
    ).toMatchObject(environment);
  });
});
