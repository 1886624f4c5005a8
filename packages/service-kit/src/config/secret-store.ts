import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { UpstreamError } from '@bud-monitoring/client';
import { createSecretReader, type SecretReader } from '@bud-monitoring/client/dapr';
import { metaOf } from '../schema-walk.js';
import { commonEnv } from './common-env.js';
import type { ConfigProblem } from './config-problem.js';
import { ConfigError, readConfig } from './read-config.js';

type Env = Readonly<Record<string, string | undefined>>;

/** What of the environment says how the store is reached. */
const accessEnv = z.object({
  SECRET_STORE_NAME: commonEnv.SECRET_STORE_NAME,
  DAPR_BASE_URL: commonEnv.DAPR_BASE_URL,
  DAPR_HTTP_PORT: commonEnv.DAPR_HTTP_PORT,
  DAPR_API_TOKEN: commonEnv.DAPR_API_TOKEN,
});

/** How long a sidecar that starts beside us is waited for, and how often it is asked (ms). */
const times = { patienceMs: 60_000, pauseMs: 500 };

/**
 * The environment with the secrets that `<NAME>_SECRET` names in the Dapr secret store `SECRET_STORE_NAME`: by the
 * name of the secret, and `name#key` where it has several values. Throws a `ConfigError` that lists what is wrong,
 * at the latest a minute after the start where the sidecar does not come.
 */
export async function readStoredSecrets(
  schema: z.ZodObject,
  env: Env,
  { patienceMs, pauseMs } = times,
): Promise<Env> {
  const wanted = Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(
    ([name, variable]) => {
      const place = env[`${name}_SECRET`];
      return place && metaOf(variable, 'secret') === true ? [{ name, place }] : [];
    },
  );
  if (wanted.length === 0) return env;
  const access = readConfig(accessEnv, env);
  const store = access.SECRET_STORE_NAME;
  if (store === undefined) {
    const message = 'is not set; it must be the Dapr secret store that holds the secrets';
    throw new ConfigError([{ name: 'SECRET_STORE_NAME', message }]);
  }
  const reader = createSecretReader({
    baseUrl: access.DAPR_BASE_URL ?? `http://127.0.0.1:${access.DAPR_HTTP_PORT}`,
    apiToken: access.DAPR_API_TOKEN,
  });
  const until = performance.now() + patienceMs;
  const values: Record<string, string> = {};
  const problems: ConfigProblem[] = [];
  try {
    for (const { name, place } of wanted) {
      const found = clash(name, env) ?? (await find(reader, { store, place, until, pauseMs }));
      if ('value' in found) values[name] = found.value;
      else problems.push({ name: `${name}_SECRET`, message: found.problem });
    }
  } finally {
    reader.close();
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { ...env, ...values };
}

type Found = { readonly value: string } | { readonly problem: string };

function clash(name: string, env: Env): Found | undefined {
  if (name === 'DAPR_API_TOKEN') {
    return { problem: 'cannot be: the store is asked with this token; take DAPR_API_TOKEN_FILE' };
  }
  const other = [name, `${name}_FILE`].find((one) => env[one]);
  return other === undefined ? undefined : { problem: `is set beside ${other}; set one of them` };
}

async function find(
  reader: SecretReader,
  {
    store,
    place,
    until,
    pauseMs,
  }: { store: string; place: string; until: number; pauseMs: number },
): Promise<Found> {
  const [name = '', key] = place.split('#');
  const where = `in the Dapr secret store "${store}"`;
  for (;;) {
    try {
      const secret = await reader.read(store, name);
      if (secret === null) return { problem: `names no secret ${where}` };
      const keys = Object.keys(secret);
      const value = secret[key ?? (keys.length === 1 ? (keys[0] ?? '') : name)];
      // The environment of the sidecar, as a store, answers so for a name that is not set.
      if (value === '') return { problem: `names an empty secret ${where}` };
      if (value !== undefined) return { value };
      return { problem: `names no value of the secret; its keys are ${keys.join(', ')}` };
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      const isAway = error.status === undefined;
      if (!isAway) return { problem: `cannot be read ${where}: ${error.detail ?? error.message}` };
      if (performance.now() > until) return { problem: `cannot be read: ${error.message}` };
      await sleep(pauseMs);
    }
  }
}
