import { httpAnswers } from '../processes/ready.js';
import type { Supervisor } from '../processes/supervisor.js';
import { startServer, type Server } from './server.js';

export interface NodeExporter extends Server {
  /** `host:port`, to be scraped. */
  address: string;
}

/** prometheus-node-exporter of this machine on 127.0.0.1. */
export async function startNodeExporter(options: {
  supervisor: Supervisor;
  program: string;
  port: number;
}): Promise<NodeExporter> {
  const address = `127.0.0.1:${options.port}`;
  const server = await startServer(options.supervisor, {
    process: {
      name: 'node-exporter',
      command: [
        options.program,
        `--web.listen-address=${address}`,
        '--web.disable-exporter-metrics',
        '--log.level=warn',
      ],
    },
    probe: httpAnswers(`http://${address}/metrics`),
    readyTimeoutMs: 30_000,
  });
  return { ...server, address };
}
