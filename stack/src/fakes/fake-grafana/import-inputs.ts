import { z } from 'zod';
import type { JsonObject } from './store.js';

const given = z.array(z.object({ name: z.string(), type: z.string(), value: z.string() }));
const EXPORT_FIELDS = new Set(['__inputs', '__requires', '__elements']);
const wanted = z.array(z.object({ name: z.string(), type: z.string() })).catch([]);

/** The `inputs` of an import request: values for what the dashboard's `__inputs` asks for. */
export const importInputs = given.default([]);

/**
 * The dashboard with every `${NAME}` of its `__inputs` filled in and without the fields of an export,
 * or null when a value is missing. An input called `*` serves every name of its type.
 */
export function fillInputs(
  dashboard: JsonObject,
  inputs: z.infer<typeof importInputs>,
): JsonObject | null {
  const values = new Map<string, string>();
  for (const { name, type } of wanted.parse(dashboard['__inputs'])) {
    const match = inputs.find((input) => input.type === type && [name, '*'].includes(input.name));
    if (match === undefined) return null;
    values.set(name, match.value);
  }
  const kept = Object.entries(dashboard).filter(([key]) => !EXPORT_FIELDS.has(key));
  return fill(Object.fromEntries(kept), values) as JsonObject;
}

function fill(value: unknown, values: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string')
    return value.replace(/\$\{([^}]+)\}/g, (text, name: string) => values.get(name) ?? text);
  if (Array.isArray(value)) return value.map((item) => fill(item, values));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, values)]));
}
