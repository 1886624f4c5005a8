import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import type { CommonConfig } from '../config/common-env.js';
import { ConfigError } from '../config/read-config.js';
import { readStoredSecrets } from '../config/secret-store.js';
import type { ServiceApp } from '../http/service-app.js';
import { createLogger, type RootLogger } from '../log/logger.js';
import { startTracing } from '../tracing/start-tracing.js';
import { runService, type RunServiceOptions } from './run-service.js';

type Env = Readonly<Record<string, string | undefined>>;

/** A service as a program. */
export interface Program<C extends CommonConfig> {
  /** In logs and traces. */
  readonly name: string;
  /** Its package.json, which says the version. */
  readonly manifest: URL;
  /** The variables that it knows. */
  readonly variables: z.ZodObject;
  readonly env: Env;
  readonly readConfig: (env: Env) => C;
  readonly compose: (parts: {
    config: C;
    version: string;
    logger: RootLogger;
  }) => Composed | Promise<Composed>;
}

type Composed = { readonly app: ServiceApp } & Pick<RunServiceOptions, 'start' | 'stop'>;

/** Runs a service by its environment until a signal ends it. What is wrong goes to stderr and ends it with 1. */
export async function runProgram<C extends CommonConfig>(program: Program<C>): Promise<void> {
  const { name, manifest, readConfig, compose } = program;
  try {
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
    const config = readConfig(await readStoredSecrets(program.variables, program.env));
    const logger = createLogger({ service: name, level: config.logLevel });
    const stopTracing = await startTracing({ ...config, service: name, version });
    const composed = await compose({ config, version, logger });
    await runService({ ...composed, ...config.http, logger, stopTracing });
  } catch (error) {
    // What runService met is logged by it; what came before has no logger yet.
    if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
    else if (process.exitCode === undefined) process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  }
}
