import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startStack, type Stack } from '@bud-monitoring/stack';

let directory: string;
let stack: Stack;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'secret-store-'));
  const component = {
    apiVersion: 'dapr.io/v1alpha1',
    kind: 'Component',
    metadata: { name: 'mine' },
    spec: { type: 'secretstores.local.env', version: 'v1' },
  };
  // YAML holds JSON.
  await writeFile(join(directory, 'mine.yaml'), JSON.stringify(component));
  const ownApp = { appId: 'bud-dashboard', sidecar: { resources: directory } };
  stack = await startStack({ ownApp, redis: true });
}, 60_000);
afterAll(async () => {
  await stack.stop();
  await rm(directory, { recursive: true });
});

/** Starts bud-dashboard, or another program of it, until it listens or ends; what it wrote. */
async function start(
  env: Record<string, string>,
  program = 'main.js',
): Promise<{ code: number | null; text: string }> {
  const { url, apiToken } = stack.ownSidecar!;
  const child = spawn(process.execPath, [`services/dashboard/dist/${program}`], {
    env: {
      ...{ AUTH_MODE: 'off', PORT: '0', GRAFANA_URL: '127.0.0.1:9', GRAFANA_USERNAME: 'admin' },
      ...{ DAPR_BASE_URL: url, DAPR_API_TOKEN: apiToken, SECRET_STORE_NAME: 'mine' },
      ...env,
    },
  });
  let text = '';
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
        if (text.includes('"listening"') && !child.killed) child.kill('SIGTERM');
      });
    }
  });
  return { code: await ended, text };
}

describe('bud-dashboard with secrets in a Dapr secret store', () => {
  it('reads them through its sidecar before it starts', async () => {
    // The sidecar of the stack has it in its environment.
    const env = { GRAFANA_PASSWORD_SECRET: 'REDIS_PASSWORD' };
    const { code, text } = await start(env);
    expect(text).toContain('"listening"');
    expect(code).toBe(0);
    expect(text).not.toContain(stack.redis!.password);
  });

  it('reads them for the command that adopts dashboards, too', async () => {
    const env = { GRAFANA_PASSWORD_SECRET: 'REDIS_PASSWORD' };
    const { code, text } = await start(env, 'upgrade/main.js');
    expect(text).toBe('grafana could not be reached\n');
    expect(code).toBe(1);
    expect(text).not.toContain(stack.redis!.password);
  });

  it('ends with a message that names what is wrong', async () => {
    const env = {
      GRAFANA_PASSWORD_SECRET: 'nothing',
      APP_API_TOKEN_SECRET: 'REDIS_PASSWORD#other',
    };
    const { code, text } = await start(env);
    expect(code).toBe(1);
    expect(text).toMatch(/GRAFANA_PASSWORD_SECRET .*"mine"/);
    expect(text).toMatch(/APP_API_TOKEN_SECRET names no value .* REDIS_PASSWORD/);
  });
});
