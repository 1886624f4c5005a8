import { createServer } from 'node:http';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startStack, type Stack } from '@bud-monitoring/stack';
import { cluster, firstSample, generateFleet } from '../../property/fleet.js';
import { remoteWrite } from '../../../stack/src/fleet/index.js';

export { cluster } from '../../property/fleet.js';

/** Debian's Prometheus 2, and 3. */
export const versions = ['system', '3'] as const;

/** A cluster of the same store that nothing may be heard of. */
export const other = '5d3f5a52-1d0e-4a53-8d3c-0d9f0f6f7a11';

/** Begin and end of the hour of samples, Unix seconds: just over. */
export const end = Math.floor(Date.now() / 1000 / 600) * 600;
export const start = end - 3600;

export interface FleetStore extends AsyncDisposable {
  readonly url: string;
  /** promtool of the same version. */
  readonly promtool: string;
  readonly stack: Stack;
}

const features = {
  system: ['native-histograms', 'exemplar-storage'],
  '3': ['exemplar-storage'],
};

/**
 * A Prometheus that holds several clusters: an hour of floats and native histograms of each, and what it
 * scrapes (with exemplars and metadata) and evaluates (rules, alerts) itself. `more` are further feature
 * flags.
 */
export async function startFleetStore(
  version: (typeof versions)[number],
  more: readonly string[] = [],
): Promise<FleetStore> {
  let promtool = '';
  let ruleFile = '';
  const exporter = await startExporter();
  const stack = await startStack({
    prometheus: {
      version,
      flags: [`--enable-feature=${[...features[version], ...more].join(',')}`],
      config: {
        global: { scrape_interval: '1s', evaluation_interval: '1s' },
        rule_files: ['rules.yml'],
      },
      prepare: async (paths) => {
        promtool = paths.promtool;
        ruleFile = join(paths.scratchDirectory, 'rules.yml');
        await writeFile(ruleFile, '');
      },
    },
  });
  const close = async () => {
    await stack.stop();
    await exporter.close();
  };
  try {
    const url = stack.prometheus!.url;
    const moved = generateFleet(7, { utf8: version === '3' }).map(({ labels, samples }) => ({
      labels,
      samples: samples.map(({ time, value }) => ({
        time: time + (start - firstSample) * 1000,
        value,
      })),
    }));
    await remoteWrite(url, moved);
    // Only then: with newer samples in it, a store takes none that are an hour old.
    await writeFile(ruleFile, rules);
    const targets = [{ targets: [exporter.address] }];
    await stack.prometheus!.scrape([
      { job_name: 'work', honor_labels: true, static_configs: targets },
    ]);
    await untilWorking(url);
    return { url, promtool, stack, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A rule and an alert of each cluster, and some of none. */
const rules = JSON.stringify({
  groups: [
    ...[cluster, other].map((id, index) => ({
      name: `of ${id}`,
      rules: [
        { record: 'fleet:one', expr: `vector(${index})`, labels: { cluster: id } },
        {
          alert: 'Burning',
          expr: `vector(${index})`,
          labels: { cluster: id },
          annotations: { summary: `look at ${id}` },
        },
      ],
    })),
    { name: 'of nobody', rules: [{ alert: 'Everywhere', expr: 'vector(1)' }] },
  ],
});

const exposition = `# HELP jobs_done Jobs that were done.
# TYPE jobs_done counter
jobs_done_total{cluster="${cluster}",namespace="a"} 17 # {trace_id="ours"} 1
jobs_done_total{cluster="${other}",namespace="a"} 19 # {trace_id="theirs"} 1
# HELP their_secret What only the others have.
# TYPE their_secret gauge
their_secret{cluster="${other}"} 1
# EOF
`;

async function startExporter() {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0');
    response.end(exposition);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Waits until it has scraped, evaluated and fired. */
async function untilWorking(url: string): Promise<void> {
  const texts = ['jobs_done_total', 'fleet:one', 'ALERTS{alertname="Everywhere"}'];
  for (let waited = 0; waited < 30_000; waited += 200) {
    const answers = await Promise.all(
      texts.map(async (query) => {
        const response = await fetch(
          `${url}/api/v1/query?${String(new URLSearchParams({ query }))}`,
        );
        return ((await response.json()) as { data: { result: unknown[] } }).data.result.length;
      }),
    );
    if (answers.every((count) => count > 0)) return;
    await sleep(200);
  }
  throw new Error('the store neither scrapes nor evaluates');
}
