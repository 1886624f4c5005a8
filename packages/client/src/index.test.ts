import { describe, expect, it } from '@jest/globals';

import * as budCluster from './bud-cluster/index.js';
import * as budDashboard from './bud-dashboard/index.js';
import * as budMetrics from './bud-metrics/index.js';
import * as dapr from './dapr/index.js';
import * as grafana from './grafana/index.js';
import * as root from './index.js';
import * as prometheus from './prometheus/index.js';

describe('the front door', () => {
  it('offers these names and no others', () => {
    expect(Object.keys(root).sort()).toEqual([
      'UpstreamError',
      'createHttpClient',
      'createResiliencePolicy',
      'currentContext',
      'pathSegment',
      'runDetached',
      'runInContext',
      'sleep',
      'startSpan',
      'systemClock',
      'useTracer',
    ]);
    const factories = [budCluster, budDashboard, budMetrics, dapr, grafana, prometheus];
    expect(factories.flatMap((entry) => Object.keys(entry))).toEqual([
      'createBudClusterClient',
      'createDashboardClient',
      'createMetricsClient',
      'createDapr',
      'createSecretReader',
      'createGrafanaClient',
      'createPrometheusClient',
      'createRawStore',
    ]);
  });
});
