import type { ApiPath } from './routes.js';

/** A call of a route, ready to be sent. */
export interface ApiRequest<Options> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query: Record<string, string | readonly string[]>;
  /** Undefined where the route takes none. */
  readonly body: unknown;
  readonly options: Options | undefined;
}

/** Puts the arguments of a method where its route takes them (see `ApiArguments`). */
export function readArguments<Options>(
  { method, path, takes }: ApiPath,
  args: readonly unknown[],
): ApiRequest<Options> {
  const rest = [...args];
  const filled = path.replace(/\{\w+\}/g, () => pathSegment(String(rest.shift())));
  const input = takes === undefined ? undefined : rest.shift();
  return {
    method: method.toUpperCase() as ApiRequest<Options>['method'],
    path: filled,
    query: takes === 'query' ? textsOf(input ?? {}) : {},
    body: takes === 'body' ? input : undefined,
    options: rest[0] as Options | undefined,
  };
}

/** Encodes one segment of a path. `.` and `..` would be swallowed on the way: a `RangeError`. */
export function pathSegment(text: string): string {
  if (text === '' || text === '.' || text === '..') throw new RangeError('not a path segment');
  return encodeURIComponent(text);
}

/** Query parameters as texts; what is undefined is left out. */
function textsOf(query: object): Record<string, string | string[]> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => [name, Array.isArray(value) ? value.map(String) : String(value)]),
  );
}
