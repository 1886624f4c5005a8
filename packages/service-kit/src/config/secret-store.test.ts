import { createServer } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { close, listen } from '../testing/app.js';
import { envText } from './env-types.js';
import { readStoredSecrets } from './secret-store.js';

const schema = z.object({
  PASSWORD: envText().optional().meta({ secret: true }),
  DAPR_API_TOKEN: envText().optional().meta({ secret: true }),
  NAME: envText().optional(),
});

const stored: Record<string, unknown> = {
  '/v1.0/secrets/vault/grafana': { password: 'hunter2' },
  '/v1.0/secrets/vault/many%2Fdeep': { user: 'admin', password: 'hunter3' },
};

/** A sidecar with a secret store; it is silent on the first `silent` calls. */
async function startSidecar(silent = 0) {
  let calls = 0;
  const server = createServer((request, response) => {
    if ((calls += 1) <= silent) return void request.socket.destroy();
    if (request.headers['dapr-api-token'] !== 'ours') return void response.writeHead(401).end();
    const secret = stored[request.url ?? ''];
    if (secret !== undefined) return void response.end(JSON.stringify(secret));
    const body = { errorCode: 'ERR_SECRET_GET', message: 'secret not found' };
    response.writeHead(500).end(JSON.stringify(body));
  });
  const env = { DAPR_BASE_URL: await listen(server), DAPR_API_TOKEN: 'ours' };
  return {
    read: (more: Record<string, string>) =>
      readStoredSecrets(
        schema,
        { ...env, SECRET_STORE_NAME: 'vault', ...more },
        { patienceMs: 500, pauseMs: 10 },
      ),
    [Symbol.asyncDispose]: () => close(server),
  };
}

describe('a secret from the Dapr secret store', () => {
  it.each([
    ['by its name, where it has one value', 'grafana', 'hunter2'],
    ['by name and key', 'many/deep#password', 'hunter3'],
  ])('is read %s', async (_how, place, value) => {
    await using sidecar = await startSidecar();
    expect(await sidecar.read({ PASSWORD_SECRET: place })).toMatchObject({ PASSWORD: value });
  });

  it('waits for a sidecar that starts later', async () => {
    await using sidecar = await startSidecar(3);
    expect(await sidecar.read({ PASSWORD_SECRET: 'grafana' })).toMatchObject({
      PASSWORD: 'hunter2',
    });
  });

  it('is not looked for where none is named, or what is named is no secret', async () => {
    await using sidecar = await startSidecar(1_000_000);
    expect(await sidecar.read({ NAME_SECRET: 'grafana' })).not.toHaveProperty('NAME');
  });

  it.each([
    [
      'that the store has not',
      { PASSWORD_SECRET: 'nothing' },
      /PASSWORD_SECRET .*"vault".*ERR_SECRET_GET/,
    ],
    ['without such a key', { PASSWORD_SECRET: 'grafana#user' }, /its keys are password/],
    [
      'of several values, without a key',
      { PASSWORD_SECRET: 'many/deep' },
      /its keys are user, password/,
    ],
    [
      'beside the setting itself',
      { PASSWORD_SECRET: 'grafana', PASSWORD: 'x' },
      /is set beside PASSWORD;/,
    ],
    [
      'beside a file',
      { PASSWORD_SECRET: 'grafana', PASSWORD_FILE: '/x' },
      /is set beside PASSWORD_FILE/,
    ],
    [
      'for the token of the store itself',
      { DAPR_API_TOKEN_SECRET: 'grafana' },
      /DAPR_API_TOKEN_FILE/,
    ],
    [
      'without a store',
      { PASSWORD_SECRET: 'grafana', SECRET_STORE_NAME: '' },
      /SECRET_STORE_NAME is not set/,
    ],
  ])('is a clear error %s', async (_what, env, message) => {
    await using sidecar = await startSidecar();
    await expect(sidecar.read(env)).rejects.toThrow(message);
    await expect(sidecar.read(env)).rejects.not.toThrow(/hunter/);
  });

  it('is a clear error where no sidecar comes', async () => {
    await using sidecar = await startSidecar(1_000_000);
    await expect(sidecar.read({ PASSWORD_SECRET: 'grafana' })).rejects.toThrow(
      /PASSWORD_SECRET cannot be read/,
    );
  });
});
