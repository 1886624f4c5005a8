import {
  OpenAPIRegistry,
  OpenApiGeneratorV31,
  type ResponseConfig,
} from '@asteasolutions/zod-to-openapi';
import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { errorSchema } from '@bud-monitoring/contracts';
import { formatFor, type ErrorFormat } from '../errors/error-format.js';
import { errorExample } from './error-examples.js';
import { layers } from '../../schema-walk.js';
import type { Route } from '../route.js';

export type OpenApiDocument = ReturnType<OpenApiGeneratorV31['generateDocument']>;

interface DocumentOptions {
  name: string;
  version: string;
  description: string;
  routes: readonly Route[];
  errorFormats: readonly ErrorFormat[];
}

/** The error envelope as a component, named once. */
const namedError = errorSchema.meta({ id: 'Error' });

/** The OpenAPI 3.1 document of the routes, with every status they can answer. */
export function openApiDocument(options: DocumentOptions): OpenApiDocument {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'Permission `cluster:view` reads, `cluster:manage` changes (and reads).',
  });
  for (const route of options.routes.filter(({ isAlias }) => !isAlias)) {
    const format = formatFor(options.errorFormats, route.path);
    registerRoute(registry, route, format);
  }
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: options.name,
      version: options.version,
      description: options.description,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    // Relative to this document, which the gateway has at /api/metrics or /api/dashboards.
    servers: [
      { url: '../../api', description: 'through the gateway' },
      { url: '.', description: 'the service itself' },
    ],
  });
}

function registerRoute(
  registry: OpenAPIRegistry,
  route: Route,
  format: ErrorFormat | undefined,
): void {
  const isOpen = route.permission === 'public';
  const needed = route.permission === 'any' ? 'a token' : `\`${route.permission}\``;
  const texts = [route.description, isOpen ? undefined : `Needs ${needed}.`];
  const description = texts.filter((text) => text !== undefined).join('\n\n');
  registry.registerPath({
    method: route.method,
    path: route.path,
    operationId: operationIdOf(route),
    summary: route.summary,
    ...(description !== '' && { description }),
    security: isOpen ? [] : [{ bearer: route.permission === 'any' ? [] : [route.permission] }],
    // The gateway passes on what needs a token only.
    ...(isOpen && { servers: [{ url: '.', description: 'the service itself' }] }),
    request: {
      params: route.params,
      query: route.query,
      ...(route.body && {
        body: {
          required: true,
          content: { 'application/json': { schema: route.body, ...bodyExample(route) } },
        },
      }),
      ...(route.form && {
        body: {
          required: !route.form.safeParse({}).success,
          content: {
            'application/x-www-form-urlencoded': {
              schema: asForm(route.form),
              ...bodyExample(route),
            },
          },
        },
      }),
    },
    responses: responsesOf(route, format),
  });
}

const bodyExample = ({ example }: Route) =>
  example?.body !== undefined && { example: example.body };

/** In a form a list of one is no other than a single value. */
function asForm(schema: z.ZodObject): z.ZodObject {
  const fields = Object.entries(schema.shape as Record<string, z.ZodType>).map(([name, field]) => {
    const list = layers(field).find(({ _zod }) => _zod.def.type === 'array');
    if (list === undefined) return [name, field];
    const either = z.union([(list as z.ZodArray<z.ZodType>).element, list as z.ZodType]);
    const described = either.meta({ description: field.description ?? '' });
    return [name, field.safeParse(undefined).success ? described.optional() : described];
  });
  return z.object(Object.fromEntries(fields) as Record<string, z.ZodType>);
}

function responsesOf(
  route: Route,
  format: ErrorFormat | undefined,
): Record<string, ResponseConfig> {
  const schema = route.answer ?? z.string();
  const answers = route.answerStatuses.map((status) =>
    entry(status, {
      type: route.produces,
      schema,
      headers: route.answerHeaders,
      example: route.example?.answers[status],
    }),
  );
  const error = format === undefined ? namedError : z.unknown();
  const errors = errorStatuses(route)
    .filter((status) => !route.answerStatuses.includes(status))
    .map((status) =>
      entry(status, {
        type: 'application/json',
        schema: error,
        headers: {},
        example: errorExample(status, format),
      }),
    );
  return Object.fromEntries([...answers, ...errors]);
}

/** Statuses that say when to come again. */
const busy = [429, 503, 504];

function entry(
  status: number,
  body: {
    type: string;
    schema: z.ZodType;
    headers: Readonly<Record<string, string>>;
    example: unknown;
  },
): [string, ResponseConfig] {
  const said = {
    ...body.headers,
    ...(busy.includes(status) && { 'Retry-After': 'Seconds to wait' }),
    'X-Request-Id':
      'Names the request in our logs; the one that was sent, if it was short and safe',
  };
  const headers = Object.fromEntries(
    Object.entries(said).map(([name, description]) => [
      name,
      { description, schema: { type: 'string' as const } },
    ]),
  );
  const description = STATUS_CODES[status] ?? String(status);
  // "No content" and "Not modified" have no body.
  const { type, schema, example } = body;
  const content = { [type]: { schema, ...(example !== undefined && { example }) } };
  return [
    String(status),
    { description, headers, ...(![204, 304].includes(status) && { content }) },
  ];
}

/** `getClustersMetrics` of `GET /clusters/{cluster_id}/metrics`; a last parameter is told from the list before it. */
function operationIdOf({ method, path }: Route): string {
  const names = path.replace(/\{cluster_id\}(?=\/)/g, '').split(/[^A-Za-z0-9]+/);
  return [method, ...names.filter((name) => name !== '').map(capitalized)].join('');
}

const capitalized = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

/** Further statuses of a route: those it declares, and those that every such route has. */
function errorStatuses(route: Route): number[] {
  const guarded = route.permission !== 'public';
  const statuses = [
    ...route.errorStatuses,
    400, // query parameters that are not known
    // The last four are the gateway's own, too: too many at once, and a service that is away.
    ...(guarded ? [401, 403, 429, 502, 503, 504] : []),
    ...((route.body ?? route.form) === undefined ? [] : [413, 415]),
    500,
    ...(route.timeoutMs === null ? [] : [504]),
  ];
  return [...new Set(statuses)].sort((a, b) => a - b);
}
