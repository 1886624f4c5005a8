import type { Clock } from '@bud-monitoring/client';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { seriesText, valueText } from './exposition.js';
import { METRICS } from './series/metric-names.js';
import type { Series } from './types.js';

const CHUNK = 1 << 18;

/** An empty label keeps the scrape from adding the exporter's own, as it would to recorded series. */
const NO_TARGET = { job: '', instance: '' };

/** The series in text format 0.0.4, ready to be asked for at any time. */
interface Exposition {
  /** The text, a quarter of a megabyte at a time, with the values of these times. */
  at(timeOf: (series: Series) => SampleTime): Generator<string>;
}

/** Unix seconds, and the text that follows the values of that time. */
interface SampleTime {
  readonly t: number;
  readonly end: string;
}

/** Groups the series by name, as the format wants it, and writes their labels once. */
function createExposition(series: readonly Series[]): Exposition {
  const families = new Map<string, { start: string; of: Series }[]>();
  for (const of of series) {
    const line = { start: `${seriesText(of.name, { ...NO_TARGET, ...of.labels })} `, of };
    const family = families.get(of.name);
    if (family === undefined) families.set(of.name, [line]);
    else family.push(line);
  }
  return {
    *at(timeOf) {
      let text = '';
      for (const [name, lines] of families) {
        text += header(name);
        for (const { start, of } of lines) {
          const { t, end } = timeOf(of);
          const value = of.value(t);
          if (value !== undefined) text += `${start}${valueText(value)}${end}\n`;
          if (text.length < CHUNK) continue;
          yield text;
          text = '';
        }
      }
      yield text;
    },
  };
}

function header(name: string): string {
  const known: Partial<Record<string, readonly [string, string]>> = METRICS;
  const [type, help] = known[name] ?? ['untyped', ''];
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

export interface Exporter extends AsyncDisposable {
  /** `http://<host>:<port>`; scrape `/metrics` of it with `honor_labels: true`. */
  readonly url: string;
  /** `<host>:<port>`, a scrape target. */
  readonly address: string;
  close(): Promise<void>;
}

export interface ExporterOptions {
  series: readonly Series[];
  clock: Clock;
  /**
   * Seconds: the figures of the last multiple are served, with its time, however often they are asked
   * for. A fleet whose history has this spacing keeps it, and series with an interval of their own theirs.
   * Without it, the figures of the moment are served.
   */
  spacing?: number;
  host?: string;
  port?: number;
}

/** Serves the fleet's figures at `/metrics`. */
export async function startExporter(options: ExporterOptions): Promise<Exporter> {
  const { series, clock, spacing, host = '127.0.0.1', port = 0 } = options;
  const exposition = createExposition(series);
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    const now = clock.now() / 1000;
    const timeOf = ({ interval = spacing }: Series): SampleTime => {
      if (spacing === undefined || interval === undefined) return { t: now, end: '' };
      const t = Math.floor(now / interval) * interval;
      return { t, end: ` ${t * 1000}` };
    };
    const text = Readable.from(exposition.at(timeOf));
    // A scraper that hangs up is no fault of ours.
    pipeline(text, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = `${host}:${(server.address() as AddressInfo).port}`;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://${address}`, address, close, [Symbol.asyncDispose]: close };
}

/** The scrape job for the fleet: the series have their own `job`, `instance` and `cluster`. */
export function fleetScrapeConfig(address: string, scrapeInterval = '15s') {
  return {
    job_name: 'fleet',
    honor_labels: true,
    scrape_interval: scrapeInterval,
    static_configs: [{ targets: [address] }],
  };
}
