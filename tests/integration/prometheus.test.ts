import { describe, expect, it } from '@jest/globals';
import { startStack } from '@bud-monitoring/stack';
import { setTimeout as sleep } from 'node:timers/promises';

// 3.16 takes minutes to build: in CI it is there before the tests begin.
const versions = process.env['CI'] ? (['system', '3'] as const) : (['system'] as const);

async function ask(url: string, query: string): Promise<unknown[]> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
  return ((await response.json()) as { data: { result: unknown[] } }).data.result;
}

describe.each(versions)('Prometheus (%s)', (version) => {
  it('keeps what it is told to, takes remote writes, and scrapes what it is told later', async () => {
    await using stack = await startStack({
      prometheus: { version, retention: '90d' },
      nodeExporter: true,
    });
    const { url } = stack.prometheus!;
    const flags = (await (await fetch(`${url}/api/v1/status/flags`)).json()) as {
      data: Record<string, string>;
    };
    expect(flags.data).toMatchObject({
      'storage.tsdb.retention.time': '90d',
      'web.enable-remote-write-receiver': 'true',
    });

    await stack.prometheus!.scrape([
      {
        job_name: 'node',
        scrape_interval: '1s',
        static_configs: [
          { targets: [stack.nodeExporter!.address], labels: { cluster: 'this-machine' } },
        ],
      },
    ]);
    const query = 'node_memory_MemTotal_bytes{cluster="this-machine"}';
    let result: unknown[] = [];
    for (let waited = 0; waited < 10_000 && result.length === 0; waited += 250) {
      await sleep(250);
      result = await ask(url, query);
    }
    expect(result).toHaveLength(1);
  });
});

it('loads blocks before Prometheus starts, and keeps them over a restart', async () => {
  const seen: string[] = [];
  await using stack = await startStack({
    prometheus: {
      prepare: (paths) => Promise.resolve(void seen.push(paths.dataDirectory, paths.promtool)),
    },
  });
  expect(seen[0]).toContain(stack.directory);
  expect(seen[1]).toMatch(/promtool$/);

  await stack.prometheus!.stop();
  await expect(fetch(stack.prometheus!.url)).rejects.toThrow();
  await stack.prometheus!.start();
  expect((await fetch(`${stack.prometheus!.url}/-/ready`)).status).toBe(200);
});
