import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { httpAnswers } from '../processes/ready.js';
import type { Server, StartServer } from './server.js';

/** What a Prometheus of the stack is like. */
export interface PrometheusSettings {
  /** How long samples are kept, as Prometheus writes durations: `90d`. 15 days unless told. */
  retention?: string;
  scrapeConfigs?: readonly ScrapeConfig[];
  /** Further top-level parts of the configuration: `rule_files`, `storage`, `global`. */
  config?: Readonly<Record<string, unknown>>;
  flags?: readonly string[];
  /** Runs before the start, to put blocks into the data directory. */
  prepare?: (paths: PrometheusPaths) => Promise<void>;
}

export interface PrometheusPaths {
  /** Where blocks belong; empty. */
  dataDirectory: string;
  promtool: string;
  /** For intermediate files; disappears with the stack. */
  scratchDirectory: string;
}

export interface PrometheusServer extends Server {
  url: string;
  /** Replaces the scrape configurations of the running server. */
  scrape(configs: readonly ScrapeConfig[]): Promise<void>;
}

/** One of Prometheus' own `scrape_configs`. */
export type ScrapeConfig = Readonly<Record<string, unknown>>;

/** prometheus on 127.0.0.1, accepting remote write; 2.42 and 3.16 alike. */
export async function startPrometheus(
  settings: PrometheusSettings,
  options: {
    start: StartServer;
    /** Where its own directory goes. */
    directory: string;
    program: string;
    promtool: string;
    port: number;
  },
): Promise<PrometheusServer> {
  const { program, promtool, port } = options;
  const scratchDirectory = join(options.directory, `prometheus-${port}`);
  const dataDirectory = join(scratchDirectory, 'data');
  await mkdir(dataDirectory, { recursive: true });
  const file = join(scratchDirectory, 'prometheus.yml');
  await writeFile(file, prometheusConfig(settings));
  await settings.prepare?.({ dataDirectory, promtool, scratchDirectory });
  const flags = prometheusFlags({ file, dataDirectory, port, settings });
  const url = `http://127.0.0.1:${port}`;
  const server = await options.start({
    process: {
      name: 'prometheus',
      command: [program, ...flags],
      cwd: scratchDirectory,
      graceMs: 30_000,
    },
    probe: httpAnswers(`${url}/-/ready`),
    readyTimeoutMs: 120_000, // months of blocks and a write-ahead log take their time
  });
  return {
    ...server,
    url,
    async scrape(scrapeConfigs) {
      await writeFile(file, prometheusConfig({ ...settings, scrapeConfigs }));
      const reloaded = await fetch(`${url}/-/reload`, { method: 'POST' });
      if (!reloaded.ok) throw new Error(`prometheus refused: ${await reloaded.text()}`);
    },
  };
}

function prometheusConfig(settings: PrometheusSettings): string {
  return stringify({
    global: { scrape_interval: '15s', evaluation_interval: '15s' },
    ...settings.config,
    scrape_configs: settings.scrapeConfigs ?? [],
  });
}

function prometheusFlags(options: {
  file: string;
  dataDirectory: string;
  port: number;
  settings: PrometheusSettings;
}): string[] {
  return [
    `--config.file=${options.file}`,
    `--storage.tsdb.path=${options.dataDirectory}`,
    `--storage.tsdb.retention.time=${options.settings.retention ?? '90d'}`,
    `--web.listen-address=127.0.0.1:${options.port}`,
    '--web.enable-remote-write-receiver',
    '--web.enable-lifecycle',
    '--log.level=warn',
    ...(options.settings.flags ?? []),
  ];
}
