import { writeFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { startStack } from '@bud-monitoring/stack';
import { parse, stringify } from 'yaml';
import { createEchoApp } from '../support/echo-app.js';

interface Configuration {
  spec: { nameResolution: { configuration: Record<string, string> } };
}

/** The product's own Dapr configuration, with what it leaves to the defaults (an hour) made short. */
async function inFastMotion(directory: string): Promise<string> {
  const configuration = parse(await readFile('components/config.yaml', 'utf8')) as Configuration;
  const { nameResolution } = configuration.spec;
  nameResolution.configuration = { cleanupInterval: '1s', ...nameResolution.configuration };
  const file = join(directory, 'config.yaml');
  await writeFile(file, stringify(configuration));
  return file;
}

it('keeps the sidecars registered, however often name resolution cleans up', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'bud-monitoring-names-'));
  const config = await inFastMotion(directory);
  const start = (appId: string) => ({ ...createEchoApp(appId), sidecar: { config } });
  try {
    await using stack = await startStack({ apps: [start('bud-metrics'), start('bud-dashboard')] });
    // A registration is renewed every 4 s; one that was deleted in between ends the sidecar.
    expect(await Promise.race([stack.failed, sleep(10_000, 'all run')])).toBe('all run');

    const { url, apiToken } = stack.app('bud-metrics').sidecar;
    const response = await fetch(`${url}/v1.0/invoke/bud-dashboard/method/health`, {
      headers: { 'dapr-api-token': apiToken },
    });
    expect(response.status).toBe(200);
  } finally {
    await rm(directory, { recursive: true });
  }
}, 60_000);
