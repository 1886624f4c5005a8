import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { service, startStack, type Sidecar, type Stack } from '@bud-monitoring/stack';
import { createEventApp } from '../support/event-app.js';

/** The product's resources, with another app added as README says: in one place. */
function withScopeOf(appId: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'components-'));
  cpSync('components', folder, { recursive: true });
  const file = join(folder, 'pubsub.yaml');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/^scopes: \[/m, `scopes: [${appId}, `));
  return folder;
}

/** Runs the command that publishes an event in README, or in a document, for a cluster. */
async function publishAs(document: string, sidecar: Sidecar, cluster: string): Promise<string> {
  const [, command = ''] = /```sh\n(curl [^`]*publish\/pubsub[^`]*)```/.exec(
    readFileSync(document, 'utf8'),
  )!;
  const { stdout } = await promisify(execFile)(
    'bash',
    ['-c', command.replace('http://127.0.0.1:3500', sidecar.url).replace('curl', 'curl -s')],
    { env: { ...process.env, ID: cluster, DAPR_API_TOKEN: sidecar.apiToken } },
  );
  return stdout;
}

describe('an app of somebody else', () => {
  let resources: string;
  let stack: Stack;
  beforeAll(async () => {
    resources = withScopeOf('allowed-app');
    const start = async ({ port }: { port: number }) => {
      const app = createEventApp();
      await app.listen(port);
      return app;
    };
    stack = await startStack({
      grafana: true,
      apps: [
        { ...service('dashboard'), sidecar: { resources } },
        { appId: 'allowed-app', start, sidecar: { resources } },
        { appId: 'other-app', start, sidecar: { resources } },
      ],
    });
  }, 120_000);
  afterAll(async () => {
    await stack.stop();
    rmSync(resources, { recursive: true });
  });

  it.each(['README.md', 'docs/events.md'])(
    'publishes as %s says once its id is in the scopes of pubsub.yaml',
    async (document) => {
      const cluster = randomUUID();
      expect(await publishAs(document, stack.app('allowed-app').sidecar, cluster)).toBe('');

      const token = await stack.identity.mintToken({ permissions: ['cluster:view'] });
      const url = `${stack.app('bud-dashboard').url}/clusters/${cluster}/grafana-dashboard`;
      const status = async () =>
        (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status;
      const deadline = performance.now() + 15_000;
      while ((await status()) === 404 && performance.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 100));
      expect([200, 202]).toContain(await status());
    },
    30_000,
  );

  it('is told by its sidecar that it is not allowed', async () => {
    const answer = await publishAs('README.md', stack.app('other-app').sidecar, randomUUID());
    expect(answer).toContain('ERR_PUBSUB_NOT_FOUND');
  });
});
