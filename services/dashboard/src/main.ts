import { runProgram } from '@bud-monitoring/service-kit';
import { compose } from './compose.js';
import { dashboardEnv, readDashboardConfig } from './config.js';

await runProgram({
  name: 'bud-dashboard',
  manifest: new URL('../package.json', import.meta.url),
  variables: dashboardEnv,
  env: process.env,
  readConfig: readDashboardConfig,
  compose,
});
