import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { reservePorts } from '../processes/ports.js';
import { httpAnswers } from '../processes/ready.js';
import { startSupervisor } from '../processes/supervisor.js';
import type { Env } from '../programs/env.js';
import { findPrograms } from '../programs/index.js';
import type { Report } from '../programs/report.js';
import { startServer, type Server } from './server.js';

/** A component of Thanos that runs: `thanos receive`, `thanos query`, ... */
export interface ThanosComponent extends Server {
  url: string;
}

/** Runs components of Thanos, for tests and benches. Built with Go on first use. */
export interface Thanos {
  /** Disappears when all is stopped. */
  directory: string;
  /** The path of promtool, which makes blocks. */
  promtool: string;
  /** `127.0.0.1` with a port that nothing listens on. */
  address(): Promise<string>;
  /** Starts a component that serves HTTP at an address, and waits until it is ready. */
  start(
    name: 'receive' | 'query' | 'query-frontend',
    http: string,
    flags: readonly string[],
  ): Promise<ThanosComponent>;
  stop(): Promise<void>;
}

export async function openThanos(options: { env: Env; report?: Report }): Promise<Thanos> {
  const { env, report = () => undefined } = options;
  const supervisor = await startSupervisor();
  const ports = await reservePorts();
  const stop = async () => {
    await supervisor.stop();
    await ports.release();
  };
  try {
    const programs = await findPrograms(['thanos', 'promtool-3'], { env, report, supervisor });
    const directory = join(supervisor.directory, 'thanos');
    await mkdir(directory);
    return {
      directory,
      promtool: programs('promtool-3'),
      address: async () => `127.0.0.1:${await ports.next()}`,
      async start(name, http, flags) {
        const url = `http://${http}`;
        const server = await startServer(supervisor, {
          process: {
            name: `thanos-${name}`,
            command: [
              programs('thanos'),
              ...[name, '--log.level=warn', `--http-address=${http}`, ...flags],
            ],
            cwd: directory,
            graceMs: 30_000,
          },
          probe: httpAnswers(`${url}/-/ready`),
          readyTimeoutMs: 60_000,
        });
        return { ...server, url };
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A query-frontend before a store, which keeps answers to range queries in memory. */
export async function startQueryFrontend(
  thanos: Thanos,
  downstream: string,
): Promise<ThanosComponent> {
  const cache = { type: 'IN-MEMORY', config: { max_size: '256MB', validity: '6h' } };
  return thanos.start('query-frontend', await thanos.address(), [
    `--query-frontend.downstream-url=${downstream}`,
    `--query-range.response-cache-config=${JSON.stringify(cache)}`,
  ]);
}
