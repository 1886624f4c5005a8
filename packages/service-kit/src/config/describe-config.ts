import type { z } from 'zod';

/** One row of the README's table of variables. */
export interface ConfigRow {
  name: string;
  type: string;
  /** As one would write it; null when there is none. */
  default: string | null;
  required: boolean;
  secret: boolean;
  description: string;
}

/** The table of a schema's variables, in its order. */
export function describeConfig(_schema: z.ZodObject): ConfigRow[] {
  throw new Error('not written yet');
}
