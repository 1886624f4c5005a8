import type { z } from 'zod';
import { redactText } from '../log/redact.js';
import { choicesOf, metaOf, textMetaOf } from '../schema-walk.js';
import type { ConfigProblem } from './config-problem.js';
import { readSecretFiles } from './secret-files.js';

/** The environment is not valid; the message lists every wrong variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ name, message }) => `  - ${name} ${message}`);
    super(`The configuration is wrong:\n${lines.join('\n')}`);
    this.problems = problems;
  }
}

/**
 * Reads the flat environment by schema; an empty text counts as unset. Throws a ConfigError that
 * lists every wrong or missing variable; what it returns is deep-frozen.
 */
export function readConfig<S extends z.ZodObject>(
  schema: S,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<z.output<S>> {
  const names = Object.keys(schema.shape);
  const files = readSecretFiles(schema, env);
  const given = Object.fromEntries(
    names.flatMap((name) => {
      const value = files.values[name] ?? env[name];
      return value ? [[name, value]] : [];
    }),
  );
  const problems = [
    ...files.problems,
    ...names.flatMap((name) => problemOf(name, schema.shape[name] as z.ZodType, given[name])),
    ...authProblems(schema, given),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  const whole = schema.safeParse(given);
  if (!whole.success) {
    throw new ConfigError(
      whole.error.issues.map(({ path, message }) => ({ name: path.join('.'), message })),
    );
  }
  return deepFreeze(whole.data);
}

function problemOf(name: string, schema: z.ZodType, value: string | undefined): ConfigProblem[] {
  const result = schema.safeParse(value);
  if (result.success) return [];
  const right =
    textMetaOf(schema, 'expected') ??
    choicesOf(schema)?.join(' or ') ??
    result.error.issues[0]?.message;
  return [{ name, message: `${what(schema, value)}; it must be ${right ?? 'something else'}` }];
}

/** The current value, unless it could be a secret. */
function what(schema: z.ZodType, value: string | undefined): string {
  if (value === undefined) return 'is not set';
  if (metaOf(schema, 'secret') === true || value.includes('@')) return 'has a wrong value';
  return `is "${redactText(value).slice(0, 100)}"`;
}

/** Variables that AUTH_MODE=jwt requires, in every schema with the common variables. */
function authProblems(schema: z.ZodObject, given: Record<string, string>): ConfigProblem[] {
  if (!('AUTH_MODE' in schema.shape) || given['AUTH_MODE'] !== 'jwt') return [];
  const needed = {
    AUTH_JWKS_URL: 'the URL of the key set that signs the tokens',
    AUTH_ISSUER: "the tokens' issuer (`iss`)",
    AUTH_AUDIENCE: "the tokens' audience (`aud`)",
    APP_API_TOKEN: 'the token the sidecar sends to this service',
  };
  return Object.entries(needed)
    .filter(([name]) => given[name] === undefined)
    .map(([name, right]) => ({
      name,
      message: `is not set; with AUTH_MODE=jwt it must be ${right}`,
    }));
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
