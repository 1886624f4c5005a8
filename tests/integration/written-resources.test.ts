import { appendFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { startStack } from '@bud-monitoring/stack';
import { componentsTicking } from '../support/components-ticking.js';
import { createEchoApp } from '../support/echo-app.js';

it('keeps a sidecar running, whatever is written beside its resources', async () => {
  const resources = await componentsTicking({});
  const config = join(resources, 'config.yaml');
  try {
    await using stack = await startStack({
      apps: [{ ...createEchoApp('bud-metrics'), sidecar: { resources, config } }],
    });
    await writeFile(join(resources, 'note.txt'), 'not a resource');
    await appendFile(config, '# a line more\n');
    // Changes of files are seen after half a second.
    expect(await Promise.race([stack.failed, sleep(3_000, 'all run')])).toBe('all run');
  } finally {
    await rm(resources, { recursive: true });
  }
}, 60_000);
