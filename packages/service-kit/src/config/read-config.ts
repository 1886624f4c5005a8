import type { z } from 'zod';

/** One variable that is wrong or missing, in a sentence. */
export interface ConfigProblem {
  name: string;
  message: string;
}

/** The environment does not fit; the message lists every wrong variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ name, message }) => `  - ${name} ${message}`);
    super(`The configuration is wrong:\n${lines.join('\n')}`);
    this.problems = problems;
  }
}

/** Reads the flat environment by schema; an empty text counts as unset. Deep-frozen. */
export function readConfig<S extends z.ZodObject>(
  _schema: S,
  _env: Readonly<Record<string, string | undefined>>,
): Readonly<z.output<S>> {
  throw new Error('not written yet');
}
