import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { httpAnswers } from '../processes/ready.js';
import type { Server, StartServer } from './server.js';

/** Another store that speaks PromQL. */
export interface VictoriaMetricsServer extends Server {
  url: string;
}

/** victoria-metrics on 127.0.0.1: keeps everything, and shows what was imported a moment ago. */
export async function startVictoriaMetrics(options: {
  start: StartServer;
  /** Where its own directory goes. */
  directory: string;
  program: string;
  port: number;
}): Promise<VictoriaMetricsServer> {
  const { program, port } = options;
  const directory = join(options.directory, `victoria-metrics-${port}`);
  await mkdir(directory);
  const url = `http://127.0.0.1:${port}`;
  const flags = [
    `-storageDataPath=${join(directory, 'data')}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    '-retentionPeriod=20y',
    '-search.disableCache',
    '-search.latencyOffset=1ms',
    '-loggerLevel=WARN',
  ];
  const server = await options.start({
    process: { name: 'victoria-metrics', command: [program, ...flags], cwd: directory },
    probe: httpAnswers(`${url}/health`),
    readyTimeoutMs: 30_000,
  });
  return { ...server, url };
}
