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
  /** PEM texts of a certificate for 127.0.0.1, and of its key: HTTPS alone is served then. */
  tls?: { readonly cert: string; readonly key: string };
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
  const { tls } = settings;
  const webConfig = tls === undefined ? [] : [await writeWebConfig(scratchDirectory, tls)];
  const flags = [...prometheusFlags({ file, dataDirectory, port, settings }), ...webConfig];
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  const server = await options.start({
    process: {
      name: 'prometheus',
      command: [program, ...flags],
      cwd: scratchDirectory,
      graceMs: 30_000,
    },
    // Without TLS it is told that there is some.
    probe:
      tls === undefined
        ? httpAnswers(`${url}/-/ready`)
        : httpAnswers(url.replace('https', 'http'), {}, (status) => status === 400),
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

/** Writes the configuration of its web server, and returns the flag that names it. */
async function writeWebConfig(
  directory: string,
  { cert, key }: { cert: string; key: string },
): Promise<string> {
  const file = join(directory, 'web.yml');
  await writeFile(join(directory, 'cert.pem'), cert);
  await writeFile(join(directory, 'key.pem'), key, { mode: 0o600 });
  const tls = { cert_file: 'cert.pem', key_file: 'key.pem' };
  await writeFile(file, stringify({ tls_server_config: tls }));
  return `--web.config.file=${file}`;
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
