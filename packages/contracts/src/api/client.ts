import type { z } from 'zod';
import type { ApiRoute } from './api.js';

type PathArguments<Path extends string> = Path extends `${string}{${string}}${infer Rest}`
  ? [string, ...PathArguments<Rest>]
  : [];

/** A query as a caller may write it: as texts, or by the types they are read as. */
export type QueryInput<Query extends z.ZodObject> = {
  [Name in keyof z.input<Query>]:
    z.input<Query>[Name] | z.output<Query>[Name & keyof z.output<Query>];
};

type OwnInput<Route extends ApiRoute> = Route extends { body: infer Body extends z.ZodType }
  ? [body: z.input<Body>]
  : Route extends { query: infer Query extends z.ZodObject }
    ? Partial<QueryInput<Query>> extends QueryInput<Query>
      ? [query?: QueryInput<Query>]
      : [query: QueryInput<Query>]
    : [];

/** What a call takes: the parameters of the path, then query or body, then options. */
export type ApiArguments<Route extends ApiRoute, Options> = [
  ...PathArguments<Route['path']>,
  ...OwnInput<Route>,
  options?: Options,
];

/** The methods of a client: one for each route, resolving with the `data` of its answer. */
export type ApiClient<Api extends Record<string, ApiRoute>, Options> = {
  readonly [Name in keyof Api]: (
    ...args: ApiArguments<Api[Name], Options>
  ) => Promise<z.output<Api[Name]['data']>>;
};
