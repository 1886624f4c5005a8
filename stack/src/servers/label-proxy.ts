import { reservePorts } from '../processes/ports.js';
import { httpAnswers } from '../processes/ready.js';
import { startSupervisor } from '../processes/supervisor.js';
import type { Env } from '../programs/env.js';
import { findPrograms } from '../programs/index.js';
import type { Report } from '../programs/report.js';
import { startServer } from './server.js';

/** A prom-label-proxy, which tests and benches compare the scoped Prometheus API with. */
export interface LabelProxy {
  url: string;
  stop(): Promise<void>;
}

/** Starts one in front of a Prometheus, held to one cluster. Built with Go on first use. */
export async function startLabelProxy(options: {
  upstream: string;
  cluster: string;
  flags?: readonly string[];
  env: Env;
  report?: Report;
}): Promise<LabelProxy> {
  const { upstream, cluster, flags = [], env, report = () => undefined } = options;
  const supervisor = await startSupervisor();
  try {
    const programs = await findPrograms(['prom-label-proxy'], { env, report, supervisor });
    const ports = await reservePorts();
    const address = `127.0.0.1:${await ports.next()}`;
    const url = `http://${address}`;
    await startServer(supervisor, {
      process: {
        name: 'prom-label-proxy',
        command: [
          programs('prom-label-proxy'),
          ...['-label', 'cluster', '-label-value', cluster, '-upstream', upstream],
          ...['-insecure-listen-address', address, ...flags],
        ],
      },
      probe: httpAnswers(`${url}/healthz`),
      readyTimeoutMs: 30_000,
    });
    return {
      url,
      async stop() {
        await supervisor.stop();
        await ports.release();
      },
    };
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
}
