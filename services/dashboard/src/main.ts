import { readFileSync } from 'node:fs';
import {
  ConfigError,
  createLogger,
  readStoredSecrets,
  runService,
  startTracing,
} from '@bud-monitoring/service-kit';
import { compose } from './compose.js';
import { dashboardEnv, readDashboardConfig } from './config.js';

const manifest = new URL('../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };

try {
  const config = readDashboardConfig(await readStoredSecrets(dashboardEnv, process.env));
  const logger = createLogger({ service: 'bud-dashboard', level: config.logLevel });
  const stopTracing = await startTracing({ ...config, service: 'bud-dashboard', version });
  const { app, start, stop } = await compose({ config, version, logger });
  await runService({ app, logger, ...config.http, start, stop, stopTracing });
} catch (error) {
  // What runService met is logged by it; what came before has no logger yet.
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
  else if (process.exitCode === undefined) process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
}
