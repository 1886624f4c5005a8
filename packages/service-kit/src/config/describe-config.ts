import type { z } from 'zod';
import { choicesOf, layers, metaOf, textMetaOf } from '../schema-walk.js';

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

/**
 * The table of a schema's variables, in its order. Defaults are shown as one would write them,
 * so a schema that transforms takes `prefault('30s')` rather than `default(30_000)`.
 */
export function describeConfig(schema: z.ZodObject): ConfigRow[] {
  return Object.entries(schema.shape as Record<string, z.ZodType>).map(([name, variable]) => {
    return {
      name,
      type:
        textMetaOf(variable, 'kind') ?? choicesOf(variable)?.join(' | ') ?? variable._zod.def.type,
      default: defaultOf(variable),
      required: !variable.safeParse(undefined).success,
      secret: metaOf(variable, 'secret') === true,
      description: textMetaOf(variable, 'description') ?? '',
    };
  });
}

function defaultOf(schema: z.core.$ZodType): string | null {
  for (const { _zod } of layers(schema)) {
    if ('defaultValue' in _zod.def) return String(_zod.def.defaultValue);
  }
  return null;
}
