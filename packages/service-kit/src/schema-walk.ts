import { z } from 'zod';

/** A schema and all it wraps (optional, default, transform ...), outermost first. */
export function layers(schema: z.core.$ZodType): z.core.$ZodType[] {
  const { def } = schema._zod;
  if ('innerType' in def) return [schema, ...layers(def.innerType as z.core.$ZodType)];
  if (def.type === 'pipe') {
    const { in: from, out: to } = def as z.core.$ZodPipeDef;
    return [schema, ...layers(from._zod.def.type === 'transform' ? to : from)];
  }
  return [schema];
}

/** A meta field of a schema: the outermost layer that has it wins. */
export function metaOf(schema: z.core.$ZodType, field: string): unknown {
  for (const layer of layers(schema)) {
    const value = z.globalRegistry.get(layer)?.[field];
    if (value !== undefined) return value;
  }
  return undefined;
}

/** As metaOf, for fields that are texts. */
export function textMetaOf(schema: z.core.$ZodType, field: string): string | undefined {
  const value = metaOf(schema, field);
  return typeof value === 'string' ? value : undefined;
}

/** The choices of an enum, wrapped or not. */
export function choicesOf(schema: z.core.$ZodType): string[] | undefined {
  const { def } = layers(schema).at(-1)?._zod ?? {};
  return def?.type === 'enum'
    ? Object.values((def as z.core.$ZodEnumDef).entries).map(String)
    : undefined;
}
