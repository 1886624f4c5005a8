import type { Request, Response } from 'express';
import { z } from 'zod';
import {
  clusterIdSchema,
  envelope,
  type ApiExample,
  type ClusterId,
  type Permission,
} from '@bud-monitoring/contracts';
import type { Caller } from '../auth/caller.js';
import type { Logger } from '../log/logger.js';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

// eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type -- a shape without fields
type NoFields = z.ZodObject<Record<never, never>>;
type ParamNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamNames<Rest>
  : never;

/** Path parameters: by the route's own schema, else `cluster_id` a ClusterId, others text. */
export type RouteParams<Path extends string, P extends z.ZodObject> = {
  readonly [N in ParamNames<Path>]: N extends keyof P['shape']
    ? z.output<P['shape'][N]>
    : N extends 'cluster_id'
      ? ClusterId
      : string;
};

/** What a handler gets: all validated, nothing of Express. */
export interface RouteContext<Params = unknown, Query = unknown, Body = unknown> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** Anonymous on public routes. */
  readonly caller: Caller;
  /** Aborted when the caller hangs up or the route's time is over. */
  readonly signal: AbortSignal;
  /** Aborts the signal for a reason of the handler's own. */
  abort(reason: Error): void;
  /** Aborted when the service begins to stop; for answers without an end. */
  readonly stopping: AbortSignal;
  readonly logger: Logger;
  readonly requestId: string;
}

interface RouteCommon<
  Path extends string,
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
> {
  method: Method;
  /** OpenAPI form: `/clusters/{cluster_id}/metrics`. */
  path: Path;
  summary: string;
  description?: string;
  /** `any`: every caller with a good token, whatever it may do. */
  permission: Permission | 'any' | 'public';
  /** Schemas of single path parameters; what it leaves out is checked by name (RouteParams). */
  params?: P;
  /** An array field may be repeated in the URL, every other one is given once; unknown names are refused. */
  query?: Q;
  /** Schema of a JSON body. */
  body?: B;
  /**
   * Statuses for the document: of the answer where it is not 200 alone (`200, 202`), and of errors
   * beyond 400, 401, 403, 413, 415, 500, 503 and 504, which follow from the rest (`404, 502`).
   */
  statuses?: readonly number[];
  /**
   * `own`: shows nothing of clusters beyond the namespaces of the caller. Any other route refuses callers whose
   * token is limited to namespaces (403).
   */
  namespaces?: 'own';
  /** The same as another path, which alone stands in the document. */
  isAlias?: boolean;
  /** Schema of a form that a POST takes instead of the query, for the document. */
  form?: z.ZodObject;
  /** Further headers of the answer with what they say, for the document. */
  answerHeaders?: Readonly<Record<string, string>>;
  /** Bodies as they are, for the document. */
  example?: ApiExample;
  /** Time for the whole answer; the service's default unless given, `null` for none (streams). */
  timeoutMs?: number | null;
}

export interface RouteAnswer<Data> {
  data: Data;
  message: string;
  /** 200 unless given. */
  status?: number;
  headers?: Readonly<Record<string, string>>;
}

export interface RouteDefinition<
  Path extends string,
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  Data,
> extends RouteCommon<Path, P, Q, B> {
  /** `object` of the envelope: `cluster.metrics`. */
  object: string;
  /** Schema of the envelope's `data`: the type of the answer and its documentation. */
  data: z.ZodType<unknown, Data>;
  handler(
    context: RouteContext<RouteParams<Path, P>, z.output<Q>, z.output<B>>,
  ): Promise<RouteAnswer<NoInfer<Data>>> | RouteAnswer<NoInfer<Data>>;
}

export interface RawRouteDefinition<
  Path extends string,
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
> extends RouteCommon<Path, P, Q, B> {
  /** Content type of the answer: `text/event-stream`, `application/yaml` ... */
  produces: string;
  /** Schema of the answer, for the document. */
  answer?: z.ZodType;
  /** The handler reads query and form itself, by another API's rules; `query` is for the document. */
  readsParameters?: boolean;
  /** Answers by itself; a throw before the headers are sent becomes the error envelope. */
  handler(
    context: RouteContext<RouteParams<Path, P>, z.output<Q>, z.output<B>>,
    request: Request,
    response: Response,
  ): Promise<void> | void;
}

/** A route as the service app takes it; made by defineRoute or defineRawRoute. */
export interface Route {
  readonly method: Method;
  readonly path: string;
  readonly summary: string;
  readonly description: string | undefined;
  readonly permission: Permission | 'any' | 'public';
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body: z.ZodType | undefined;
  readonly namespaces: 'own' | undefined;
  readonly isAlias: boolean;
  readonly form: z.ZodObject | undefined;
  /** Statuses that carry the answer, and those that carry an error beyond the usual ones. */
  readonly answerStatuses: readonly number[];
  readonly errorStatuses: readonly number[];
  readonly answerHeaders: Readonly<Record<string, string>>;
  readonly example: ApiExample | undefined;
  readonly timeoutMs: number | null | undefined;
  readonly produces: string;
  readonly answer: z.ZodType | undefined;
  /** Query and form are left to the handler. */
  readonly readsParameters: boolean;
  respond(context: RouteContext, request: Request, response: Response): Promise<void> | void;
}

/**
 * One definition gives the Express route, the checks of parameters and body, permission and
 * cluster check, the audit line, the envelope and the OpenAPI entry.
 */
export function defineRoute<
  const Path extends string,
  Data,
  P extends z.ZodObject = NoFields,
  Q extends z.ZodObject = NoFields,
  B extends z.ZodType = z.ZodUndefined,
>(definition: RouteDefinition<Path, P, Q, B, Data>): Route {
  return {
    ...common(definition),
    produces: 'application/json',
    readsParameters: false,
    answer: envelope(definition.object, definition.data),
    respond: async (context, _request, response) => {
      const answer = await definition.handler(context as Parameters<typeof definition.handler>[0]);
      if (response.headersSent) return; // the route's time was over
      response
        .status(answer.status ?? 200)
        .set({ ...answer.headers })
        .json({ object: definition.object, message: answer.message, data: answer.data });
    },
  };
}

/** As defineRoute, for answers outside the envelope (streams, files): the handler writes them. */
export function defineRawRoute<
  const Path extends string,
  P extends z.ZodObject = NoFields,
  Q extends z.ZodObject = NoFields,
  B extends z.ZodType = z.ZodUndefined,
>(definition: RawRouteDefinition<Path, P, Q, B>): Route {
  return {
    ...common(definition),
    produces: definition.produces,
    readsParameters: definition.readsParameters ?? false,
    answer: definition.answer,
    respond: (context, request, response) =>
      definition.handler(context as Parameters<typeof definition.handler>[0], request, response),
  };
}

function common(
  definition: RouteCommon<string, z.ZodObject, z.ZodObject, z.ZodType>,
): Omit<Route, 'produces' | 'answer' | 'readsParameters' | 'respond'> {
  const statuses = definition.statuses ?? [];
  const answers = statuses.filter((status) => status < 400);
  return {
    method: definition.method,
    path: definition.path,
    summary: definition.summary,
    description: definition.description,
    permission: definition.permission,
    params: paramsSchema(definition.path, definition.params),
    query: (definition.query ?? z.object({})).strict(),
    body: definition.body,
    namespaces: definition.namespaces,
    isAlias: definition.isAlias ?? false,
    form: definition.form,
    answerStatuses: answers.length === 0 ? [200] : answers,
    errorStatuses: statuses.filter((status) => status >= 400),
    answerHeaders: definition.answerHeaders ?? {},
    example: definition.example,
    timeoutMs: definition.timeoutMs,
  };
}

function paramsSchema(path: string, own: z.ZodObject | undefined): z.ZodObject {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  const byName = (name: string) =>
    (own?.shape[name] as z.ZodType | undefined) ??
    (name === 'cluster_id' ? clusterIdSchema : z.string().min(1));
  return z.object(Object.fromEntries(names.map((name) => [name, byName(name)])));
}
