import { runProgram } from '@bud-monitoring/service-kit';
import { compose } from './compose.js';
import { metricsEnv, readMetricsConfig } from './config.js';

await runProgram({
  name: 'bud-metrics',
  manifest: new URL('../package.json', import.meta.url),
  variables: metricsEnv,
  env: process.env,
  readConfig: readMetricsConfig,
  compose,
});
