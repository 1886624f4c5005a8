import type { IncomingHttpHeaders } from 'node:http';

const prefix = 'ce-';

/**
 * An event in CloudEvents' binary mode, whose attributes are the headers `ce-…` and whose body is its
 * data, as the structured event that handlers read; any other event as it is.
 */
export function withBinaryAttributes(event: unknown, headers: IncomingHttpHeaders): unknown {
  if (headers[`${prefix}specversion`] === undefined) return event;
  const attributes = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith(prefix) && typeof value === 'string'
      ? [[name.slice(prefix.length), decode(value)] as const]
      : [],
  );
  return { ...Object.fromEntries(attributes), data: event };
}

/** Attribute values are percent-encoded in headers; one that is not is taken as it is. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
