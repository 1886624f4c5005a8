import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { ours } from './system.js';

interface Schema {
  readonly type?: string | readonly string[];
  readonly $ref?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
}
interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}
interface Described {
  readonly operationId: string;
  readonly security: readonly { readonly bearer: readonly string[] }[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: 'path' | 'query';
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export type ServiceName = 'bud-metrics' | 'bud-dashboard';

/** One operation of an OpenAPI document, and how it is called. */
export interface Operation {
  readonly service: ServiceName;
  /** In capitals. */
  readonly method: string;
  /** As in the document. */
  readonly path: string;
  readonly id: string;
  /** What the token needs; `any` for a token that may do nothing, null where none is needed. */
  readonly permission: string | null;
  readonly isStream: boolean;
  /** Names of its parameters, and of those that it cannot do without. */
  readonly parameters: readonly string[];
  readonly required: readonly string[];
  /** Problems of an answer that the document does not allow; none for one that it does. */
  problems(answer: { status: number; type: string; text: string }): string[];
  /** A request that is right in everything but what `values` replaces. */
  request(values?: Readonly<Record<string, string>>): OperationRequest;
}

export interface OperationRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const now = Math.floor(Date.now() / 1000);

/** Right values of parameters by name; a new name that is required wants one here. */
const usual: Readonly<Record<string, string>> = {
  cluster_id: ours,
  node: 'node-a',
  name: 'pod',
  id: '0'.repeat(32),
  query: 'kube_pod_info',
  'match[]': 'kube_pod_info',
  start: String(now - 600),
  end: String(now),
  step: '60',
};

/** Every operation of both recorded documents, reading ones first. */
export function readOperations(): Operation[] {
  const all = (['bud-metrics', 'bud-dashboard'] as const).flatMap(operationsOf);
  return all.sort((a, b) => Number(a.method !== 'GET') - Number(b.method !== 'GET'));
}

function operationsOf(service: ServiceName): Operation[] {
  const file = `tests/fixtures/recorded/${service}/openapi.json`;
  const document = JSON.parse(readFileSync(file, 'utf8')) as Document;
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(document, service);
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => {
      const { responses, security, parameters = [] } = described;
      const isStream = Object.keys(responses['200']?.content ?? {}).includes('text/event-stream');
      return {
        service,
        method: method.toUpperCase(),
        path,
        id: `${method.toUpperCase()} ${path}`,
        permission: security[0] === undefined ? null : (security[0].bearer[0] ?? 'any'),
        isStream,
        parameters: parameters.map(({ name }) => name),
        required: parameters.flatMap(({ name, required }) => (required ? [name] : [])),
        problems: (answer) =>
          problemsOf(answer, responses, (status, type) =>
            ajv.getSchema(
              `${service}#/paths/${pointer(path)}/${method}/responses/${status}/content/${pointer(type)}/schema`,
            ),
          ),
        request: (values) => requestOf(document, { method, path, described, isStream }, values),
      } satisfies Operation;
    }),
  );
}

const pointer = (name: string) =>
  encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));

function problemsOf(
  { status, type, text }: { status: number; type: string; text: string },
  responses: Described['responses'],
  validatorOf: (status: number, type: string) => ValidateFunction | undefined,
): string[] {
  const declared = responses[String(status)];
  if (declared === undefined) return [`the status ${status} is not declared`];
  if (declared.content === undefined) return text === '' ? [] : ['a body where none is declared'];
  const given = type.split(';')[0] ?? '';
  if (!(given in declared.content)) return [`the type ${given} is not declared for ${status}`];
  if (given !== 'application/json') return [];
  const validate = validatorOf(status, given);
  if (validate === undefined) return ['the document has no such schema'];
  if (validate(JSON.parse(text))) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message = '' }) => `${instancePath} ${message}`,
  );
}

function requestOf(
  document: Document,
  operation: { method: string; path: string; described: Described; isStream: boolean },
  values: Readonly<Record<string, string>> = {},
): OperationRequest {
  const { method, path, described, isStream } = operation;
  const valueOf = (name: string) => {
    const value = values[name] ?? usual[name];
    if (value === undefined) throw new Error(`${path}: what is a right value of ${name}?`);
    return value;
  };
  const query = new URLSearchParams();
  for (const { name, in: where, required } of described.parameters ?? []) {
    if (where === 'query' && (required || name in values)) query.set(name, valueOf(name));
  }
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(wellFormed(valueOf(name))),
  );
  const [[type, content] = []] = Object.entries(described.requestBody?.content ?? {});
  const schema = content?.schema ?? {};
  const isForm = type === 'application/x-www-form-urlencoded';
  const body = isForm
    ? String(
        new URLSearchParams(
          schema.required?.map((name): [string, string] => [name, valueOf(name)]),
        ),
      )
    : JSON.stringify(sampleOf(document, schema));
  return {
    method: method.toUpperCase(),
    path: query.size === 0 ? filled : `${filled}?${String(query)}`,
    headers: {
      ...(type !== undefined && { 'content-type': type }),
      ...(isStream && { accept: 'text/event-stream' }),
    },
    ...(type !== undefined && { body }),
  };
}

/** Without lone surrogates, which no URL can hold. */
const wellFormed = (text: string) => Buffer.from(text).toString();

/** A value that a schema allows, as far as our bodies need it. */
function sampleOf(document: Document, schema: Schema): unknown {
  if (schema.$ref !== undefined) {
    const named = document.components.schemas[schema.$ref.split('/').at(-1) ?? ''];
    return sampleOf(document, named ?? {});
  }
  if (schema.examples !== undefined) return schema.examples[0];
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.anyOf?.[0] !== undefined) return sampleOf(document, schema.anyOf[0]);
  switch ([schema.type].flat()[0]) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((name) => [
          name,
          sampleOf(document, schema.properties?.[name] ?? {}),
        ]),
      );
    case 'array':
      return [];
    case 'boolean':
      return true;
    case 'number':
    case 'integer':
      return schema.minimum ?? 1;
    default:
      return 'text';
  }
}
