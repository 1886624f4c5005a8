import fc from 'fast-check';
import { hostileTexts } from '../../property/hostile.js';
import { readOperations, type Operation, type OperationRequest } from './operations.js';
import { foreign, ours } from './system.js';

/** A request that somebody careless or hostile could send, and the operation that it is made of. */
export interface HostileRequest extends OperationRequest {
  readonly operation: Operation;
  /** Whether it goes to an operation of the document: by its method, with no parameter empty. */
  readonly isDeclared: boolean;
}

const long = (length: number) => 'x'.repeat(length);

/** Values of parameters: right ones, of others, out of bounds, and such as end text, path or query early. */
const values = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(ours, ours.toUpperCase(), foreign, 'node-a', 'up', '60'),
  },
  fc.constantFrom('', ' ', '0', '-1', '1e309', 'NaN', '0x1', '١', '99999999999999999999', '1e-7'),
  fc.constantFrom(
    '..',
    '../..',
    '%2e%2e',
    '%',
    '%00',
    '\0',
    '\r\nX-A: b',
    '?',
    '#',
    '/',
    '\\',
    ';',
  ),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'null',
    'true',
    '[]',
    '{}',
    '*',
    '.*',
    long(300),
    long(5000),
  ),
  fc.constantFrom(
    '{cluster=~".+"}',
    `up{cluster="${foreign}"}`,
    'label_replace(up,"a","$1","b","(.*)")',
  ),
  fc.uuid(),
  hostileTexts,
  fc.string({ unit: 'binary', maxLength: 30 }),
);

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

/** Bodies: JSON of any shape, deep, wide and broken ones. */
const bodies = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.constantFrom('', '{', 'null', '[]', '"text"', nested(20_000), `{"a":${nested(5000)}}`),
  fc.constantFrom('{"__proto__":{"admin":true}}', '{"enabled":true,"expires_at":1e400}'),
  fc.constant(JSON.stringify({ panels: Array.from({ length: 20_000 }, () => ({})) })),
  fc.constant(JSON.stringify({ dashboard: { panels: [{ targets: [{ expr: long(100_000) }] }] } })),
  fc.constant(JSON.stringify(Array.from({ length: 50_000 }, (_, n) => n))),
  fc.string({ unit: 'binary', maxLength: 200 }),
);

const headers = fc.dictionary(
  fc.constantFrom(...['accept', 'content-type', 'x-request-id', 'traceparent', 'if-none-match']),
  fc.oneof(
    fc.constantFrom(
      'application/json',
      'text/event-stream',
      '*/*',
      'text/html;q=0.1',
      '""',
      'W/"x"',
    ),
    fc.constantFrom(
      'application/x-www-form-urlencoded',
      'application/json; charset=utf-7',
      long(200),
    ),
    fc.constantFrom('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'),
    fc.string({ maxLength: 40 }).map((text) => text.replace(/[^\x21-\x7e]/g, '')),
  ),
  { maxKeys: 2 },
);

/** A value in one of so many cases, null in the others. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>, cases: number) =>
  fc.oneof({ weight: 1, arbitrary }, { weight: cases - 1, arbitrary: fc.constant(null) });

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'];
const guarded = readOperations().filter(({ permission }) => permission !== null);

/** Random requests at every operation that needs a token. */
export const hostileRequests: fc.Arbitrary<HostileRequest> = fc
  .record({
    operation: fc.constantFrom(...guarded),
    some: fc.dictionary(fc.constantFrom('cluster_id', 'node', 'name', 'id'), values, {
      maxKeys: 2,
    }),
    query: fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), values), { maxLength: 4 }),
    body: rarely(bodies, 2),
    headers,
    method: rarely(fc.constantFrom(...methods), 20),
  })
  .map(({ operation, some, query, body, headers: more, method }) => {
    const right = operation.request(some);
    const isForm = right.headers['content-type']?.includes('form') === true;
    const named = query.map(([index, value]) => {
      const names = [...operation.parameters, 'unknown', 'query', 'time', 'limit', 'match[]'];
      return [names[index % names.length] ?? '', value] as [string, string];
    });
    const pairs = new URLSearchParams(named).toString();
    const hasBody = right.body !== undefined;
    const sent = body === null ? right.body : isForm && query.length > 0 ? pairs : body;
    const separator = right.path.includes('?') ? '&' : '?';
    const used = method ?? right.method;
    return {
      operation,
      isDeclared: used === right.method && Object.values(some).every((value) => isSegment(value)),
      method: used,
      path: pairs === '' ? right.path : `${right.path}${separator}${pairs}`,
      headers: { ...right.headers, ...more },
      ...(hasBody && sent !== undefined && used !== 'GET' && used !== 'HEAD' && { body: sent }),
    };
  });

/** Whether a value stays one segment of a path: the client resolves dots, encoded ones too, and empty ones are none. */
const isSegment = (value: string) => !/^(\.|%2e){0,2}$/i.test(value);

/** Texts that are published as events: of any JSON, and cluster events with strange fields. */
export const hostileEvents: fc.Arbitrary<string> = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc
    .record(
      {
        cluster_id: fc.oneof(values, fc.jsonValue({ maxDepth: 1 })),
        name: fc.oneof(values, fc.jsonValue({ maxDepth: 1 })),
        specversion: fc.constantFrom('1.0', '0.3', 1),
        time: fc.oneof(values, fc.constant(new Date().toISOString())),
        data: fc.jsonValue({ maxDepth: 2 }),
        data_base64: fc.base64String(),
      },
      { requiredKeys: [] },
    )
    .map((event) => JSON.stringify(event)),
  fc.string({ unit: 'binary', maxLength: 100 }),
);
