import { readFileSync } from 'node:fs';
import {
  ConfigError,
  createLogger,
  readStoredSecrets,
  runService,
  startTracing,
} from '@bud-monitoring/service-kit';
import { compose } from './compose.js';
import { metricsEnv, readMetricsConfig } from './config.js';

const manifest = new URL('../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };

try {
  const config = readMetricsConfig(await readStoredSecrets(metricsEnv, process.env));
  const logger = createLogger({ service: 'bud-metrics', level: config.logLevel });
  const stopTracing = await startTracing({ ...config, service: 'bud-metrics', version });
  const { app, stop } = compose({ config, version, logger });
  await runService({ app, logger, ...config.http, stop, stopTracing });
} catch (error) {
  // What runService met is logged by it; what came before has no logger yet.
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
  else if (process.exitCode === undefined) process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
}
