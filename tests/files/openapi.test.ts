import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  dashboardApi,
  envelope,
  metricsApi,
  streamsApi,
  type ApiRoute,
} from '@bud-monitoring/contracts';
import { Ajv2020 } from 'ajv/dist/2020.js';

interface Schema {
  $ref?: string;
  description?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
  required?: string[];
}
type Content = Record<string, { schema: Schema; example?: unknown }>;
interface Operation {
  parameters?: { name: string; description?: string; schema: Schema }[];
  requestBody?: { required?: boolean; content: Content };
  responses: Record<string, { content?: Content }>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

const documentOf = (service: string) =>
  JSON.parse(readFileSync(`tests/fixtures/recorded/${service}/openapi.json`, 'utf8')) as Document;

const documents = ['bud-metrics', 'bud-dashboard'].map((name) => [name, documentOf(name)] as const);

/** Properties without a description; what is named by a reference is described where it stands. */
function bare(schema: Schema, path: string, document: Document): string[] {
  const named = schema.$ref?.split('/').at(-1);
  if (named !== undefined) return [];
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const of = `${path}.${name}`;
    const target = property.$ref?.split('/').at(-1);
    const isDescribed =
      property.description !== undefined ||
      (target !== undefined && target in document.components.schemas);
    return [...(isDescribed ? [] : [of]), ...bare(property, of, document)];
  });
  const { items, additionalProperties: rest, anyOf = [] } = schema;
  const inside = [items, typeof rest === 'object' ? rest : undefined, ...anyOf];
  return [
    ...own,
    ...inside.flatMap((one) => (one === undefined ? [] : bare(one, `${path}[]`, document))),
  ];
}

const operationsOf = (document: Document) =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
  );

describe.each(documents)('the OpenAPI document of %s', (_name, document) => {
  it('describes every property, and names what is in the data of an answer', () => {
    const schemas = Object.entries(document.components.schemas);
    const found = [
      ...schemas.flatMap(([name, schema]) => bare(schema, name, document)),
      ...operationsOf(document).flatMap(([name, { requestBody, responses }]) =>
        [requestBody ?? {}, ...Object.values(responses)].flatMap(({ content = {} }) =>
          Object.values(content).flatMap(({ schema }) => bare(schema, name, document)),
        ),
      ),
    ];
    expect(found.filter((path) => !path.endsWith('.data'))).toEqual([]);
    expect(schemas.length).toBeGreaterThan(9);
  });

  it('has patterns without flags, which JSON Schema would take for a part of the text', () => {
    const patterns = [...JSON.stringify(document).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)];
    const texts = patterns.map(([, text = '']) => JSON.parse(text) as string);
    expect(texts.filter((text) => /\$\/[a-z]+$/.test(text))).toEqual([]);
  });

  it('describes every parameter of the query, and demands every body that it needs', () => {
    const operations = operationsOf(document);
    const parameters = operations.flatMap(([name, { parameters: all = [] }]) =>
      all
        .filter(({ description }) => description === undefined)
        .map((one) => `${name} ${one.name}`),
    );
    expect(parameters.filter((text) => !/ (cluster_id|id|name|node)$/.test(text))).toEqual([]);
    const bodies = operations.filter(([, { requestBody }]) => requestBody?.required === false);
    const asked = bodies.flatMap(([, { requestBody }]) =>
      Object.values(requestBody?.content ?? {}).flatMap(({ schema }) => schema.required ?? []),
    );
    expect(asked).toEqual([]);
    // All fields of a form may be left out, and then the form itself.
    expect(
      bodies.map(([name]) => name).filter((name) => !name.includes('prometheus/api/v1/')),
    ).toEqual([]);
  });
});

describe.each(documents)('an example in the OpenAPI document of %s', (_name, document) => {
  const contents = operationsOf(document).flatMap(([name, { requestBody, responses }]) => {
    const bodies: [string, { content?: Content }][] = [
      ['body', requestBody ?? {}],
      ...Object.entries(responses),
    ];
    return bodies.flatMap(([what, { content = {} }]) =>
      Object.values(content).map((one) => ({ name: `${name} ${what}`, ...one })),
    );
  });

  it('is there for every body of a request and of an answer', () => {
    expect(contents.filter(({ example }) => example === undefined).map(({ name }) => name)).toEqual(
      [],
    );
    expect(contents.length).toBeGreaterThan(50);
  });

  it('is as its schema says', () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
    ajv.addSchema({ $id: 'document', components: document.components });
    const wrong = contents.flatMap(({ name, schema, example }) => {
      const text = JSON.stringify(schema).replaceAll('"#/components', '"document#/components');
      const validate = ajv.compile(JSON.parse(text) as object);
      return validate(example) ? [] : [`${name}: ${ajv.errorsText(validate.errors)}`];
    });
    expect(wrong).toEqual([]);
  });
});

it.each(Object.entries<ApiRoute>({ ...metricsApi, ...dashboardApi, ...streamsApi }))(
  'the example of %s has no field that its schema does not know',
  (_name, route) => {
    const { object, data, body, example } = route;
    const schema = object === null ? data : envelope(object, data);
    for (const answer of Object.values(example.answers)) {
      const event = /^data: (.*)$/m.exec(String(answer))?.[1];
      const given: unknown = event === undefined ? answer : JSON.parse(event);
      expect(schema.parse(given)).toEqual(given);
    }
    expect(body?.parse(example.body)).toEqual(example.body);
  },
);

describe('the routes that clients call', () => {
  it('are those of the documents', () => {
    const own = (document: Document, isOther: RegExp) =>
      operationsOf(document)
        .map(([name]) => name)
        .filter((name) => !isOther.test(name))
        .sort();
    const called = (...apis: Record<string, { method: string; path: string }>[]) =>
      apis
        .flatMap((api) => Object.values(api).map(({ method, path }) => `${method} ${path}`))
        .sort();
    const [[, metrics], [, dashboard]] = documents as [
      (typeof documents)[0],
      (typeof documents)[0],
    ];
    const service = / \/(health|ready|metrics|openapi|docs)/;
    expect(own(dashboard, service)).toEqual(called(dashboardApi));
    expect(own(metrics, new RegExp(`${service.source}|/prometheus(/|$)`))).toEqual(
      called(metricsApi, streamsApi),
    );
  });
});
