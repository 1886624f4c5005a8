/** Whether a value is a JSON object: neither null nor a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value of a JSON text, with or without a byte order mark; undefined where it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text) as unknown;
  } catch {
    return undefined;
  }
}

/** Levels of a message that are written; all that is read of events lies well within. */
const maxDepth = 64;

/**
 * The JSON text of a parsed message, with `…` in place of what lies deeper than 64 levels.
 * `JSON.parse` takes any depth, `JSON.stringify` overflows the stack after some thousands.
 */
export function toBoundedJson(value: unknown): string {
  const depths = new WeakMap<object, number>();
  const text = JSON.stringify(value, function (this: object, _key, child: unknown) {
    if (typeof child !== 'object' || child === null) return child;
    const depth = (depths.get(this) ?? 0) + 1;
    if (depth > maxDepth) return '…';
    depths.set(child, depth);
    return child;
  }) as string | undefined;
  return text ?? 'null';
}
