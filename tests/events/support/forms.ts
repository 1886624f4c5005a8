/** When the forms are delivered, Unix ms. */
export const now = Date.parse('2026-11-22T18:00:00.123Z');
const time = '2026-11-22T17:00:00.5Z';
/** A delivery of `cluster-created`, or of another route, and what both services make of it. */
export interface Form {
  what: string;
  path?: string;
  body: string | Buffer;
  headers?: Record<string, string>;
  /** A reason means that it is refused. */
  expected:
    { name?: string | null; time?: string; living?: boolean } | { refused: RegExp } | 'ignored';
}

/** Every form of an event about a cluster `id`, in groups. */
export function formsOf(id: string) {
  const data = { cluster_id: id, name: 'east' };

  const base64 = (value: unknown) =>
    (Buffer.isBuffer(value)
      ? value
      : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
    ).toString('base64');
  const envelope = (fields: object) =>
    JSON.stringify({
      specversion: '1.0',
      id: `e-${id}`,
      source: 'manager',
      type: 'x',
      time,
      ...fields,
    });
  const wrapped = (raw: unknown) =>
    JSON.stringify({
      specversion: '1.0',
      id: `by-daprd-${id}`,
      datacontenttype: 'application/octet-stream',
      data_base64: base64(raw),
      topic: 'cluster-created',
      pubsubname: 'pubsub',
    });
  const json = { 'content-type': 'application/json' };
  const atArrival = '2026-11-22T18:00:00.123000000Z';

  const taken: Form['expected'] = { name: 'east', time: '2026-11-22T17:00:00.500000000Z' };
  const takenOnArrival: Form['expected'] = { name: 'east', time: atArrival };
  const form = (what: string, body: string, expected = taken, headers?: Form['headers']): Form => ({
    what,
    body,
    expected,
    ...(headers !== undefined && { headers }),
  });

  const inner = { specversion: '1.0', id: 'i', source: 'app', type: 'y', time, data };
  const later = { time: '2026-11-22T17:30:00Z' };

  /** How an event can be wrapped. */
  const envelopes: Form[] = [
    form('a structured CloudEvent', envelope({ data })),
    form('a structured CloudEvent sent as application/json', envelope({ data }), taken, json),
    form(
      'an envelope with an extension and unknown fields',
      envelope({ data, traceid: '', x: [1] }),
    ),
    form('a binary CloudEvent', JSON.stringify(data), taken, {
      ...json,
      'ce-specversion': '1.0',
      'ce-id': `e-${id}`,
      'ce-source': 'manager',
      'ce-type': 'x',
      'ce-time': time,
    }),
    form('data as text', envelope({ data: JSON.stringify(data) })),
    form('data as text of text', envelope({ data: JSON.stringify(JSON.stringify(data)) })),
    form('data in base64', envelope({ data_base64: base64(data) })),
    form(
      'data in base64 as of CloudEvents 0.3',
      envelope({ specversion: '0.3', datacontentencoding: 'base64', data: base64(data) }),
    ),
    form('data of application/octet-stream', envelope({ data_base64: base64(data) }), taken, {
      'content-type': 'application/octet-stream',
    }),
    form(
      'data with a byte order mark',
      envelope({ data_base64: base64(`\uFEFF${JSON.stringify(data)}`) }),
    ),
    form('fields beside the attributes', envelope(data)),
    form('fields beside data that is null', envelope({ ...data, data: null })),
    form('no envelope', JSON.stringify(data), takenOnArrival),
    form(
      'the whole message as JSON text',
      JSON.stringify(JSON.stringify(data)),
      takenOnArrival,
      json,
    ),
    form('a raw payload in the envelope of daprd', wrapped(data), takenOnArrival),
    form('a raw CloudEvent in the envelope of daprd', wrapped(inner)),
    form('a CloudEvent in a CloudEvent', envelope({ ...later, data: inner })),
    form(
      'a CloudEvent as text in a CloudEvent',
      envelope({ ...later, data: JSON.stringify(inner) }),
    ),
    form(
      'a CloudEvent in base64 in one in one',
      envelope({ ...later, data: { ...inner, data: undefined, data_base64: base64(inner) } }),
    ),
    form(
      'a CloudEvent without time in a CloudEvent',
      envelope({ data: { ...inner, time: undefined } }),
    ),
    form(
      'data with a field named data',
      envelope({ data: { ...data, data: { cluster_id: 'no' } } }),
    ),
    form(
      'a duplicated key, of which the last counts',
      envelope({}).replace(/\}$/, `,"data":{"cluster_id":"no"},"data":${JSON.stringify(data)}}`),
    ),
    form(
      'fields nested 5,000 deep',
      envelope({}).replace(
        /\}$/,
        `,"data":{"cluster_id":"${id}","name":"east","x":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`,
      ),
    ),
  ];

  const timed = (what: string, value: unknown, expected: string | RegExp): Form => ({
    what: `time ${what}`,
    body: envelope({ data, time: value }),
    expected:
      typeof expected === 'string' ? { name: 'east', time: expected } : { refused: expected },
  });

  /** How a time can be written. */
  const times: Form[] = [
    timed('of whole seconds', '2026-11-22T17:00:00Z', '2026-11-22T17:00:00'),
    timed(
      'below the millisecond',
      '2026-11-22T17:00:00.000000001Z',
      '2026-11-22T17:00:00.000000001Z',
    ),
    timed('without a zone', '2026-11-22T17:00:00.25', '2026-11-22T17:00:00.250000000Z'),
    timed('with an offset', '2026-11-22T22:30:00+05:30', '2026-11-22T17:00:00'),
    timed('in lower case', '2026-11-22t17:00:00z', '2026-11-22T17:00:00'),
    timed('in a leap second', '2016-12-31T23:59:60Z', '2017-01-01T00:00:00'),
    timed('before 1970', '1969-07-20T20:17:40Z', '1969-07-20T20:17:40'),
    timed('an hour ahead', '2026-11-22T19:00:00Z', '2026-11-22T19:00:00'),
    timed('null', null, atArrival),
    timed('empty', '', atArrival),
    timed('missing', undefined, atArrival),
    timed('more than a day ahead', '2026-11-23T18:00:01Z', /day ahead/),
    timed('in 2099', '2099-01-01T00:00:00Z', /day ahead/),
    timed('as a number', 1_795_370_400, /RFC 3339/),
    timed('as a number in text', '1795370400', /RFC 3339/),
    timed('in words', 'noon', /RFC 3339/),
    timed('that no calendar has', '2026-02-30T00:00:00Z', /RFC 3339/),
    timed('as an object', {}, /RFC 3339/),
  ];

  const named = (what: string, name: unknown, expected: string | null | RegExp): Form => ({
    what: `a name ${what}`,
    body: envelope({ data: { cluster_id: id, name } }),
    expected:
      expected instanceof RegExp
        ? { refused: expected }
        : { name: expected, time: (taken as { time: string }).time },
  });

  /** What a name can be. */
  const names: Form[] = [
    named('that is missing', undefined, null),
    named('that is null', null, null),
    named('that is empty', '', null),
    named('of blanks', ' \t\u00A0', null),
    named('of control characters', '\u0000\u0007', null),
    named('with blanks around', '  east ', 'east'),
    named('with control characters', 'a\u0000b\r\nc', 'a b c'),
    named('of 300 characters', 'x'.repeat(300), 'x'.repeat(150)),
    named('of 3 MB', 'x'.repeat(3_000_000), 'x'.repeat(150)),
    named('with half a character', 'east\uD83D', 'east\uFFFD'),
    named('that is a number', 7, /^data\.name/),
    named('that is an object', {}, /^data\.name/),
  ];

  const identified = (what: string, cluster: object, expected: RegExp | null): Form => ({
    what: `an id ${what}`,
    body: envelope({ data: { name: 'east', ...cluster } }),
    expected: expected === null ? taken : { refused: expected },
  });

  /** What an id can be. */
  const ids: Form[] = [
    identified('in upper case', { cluster_id: id.toUpperCase() }, null),
    identified('that is missing', {}, /^data\.cluster_id is missing$/),
    identified(
      'under another name',
      { clusterId: id },
      /^data\.cluster_id is missing: it has clusterId/,
    ),
    identified('that is null', { cluster_id: null }, /^data\.cluster_id: must be/),
    identified('that is a number', { cluster_id: 7 }, /^data\.cluster_id: must be/),
    identified('that is a list', { cluster_id: [id] }, /^data\.cluster_id: must be/),
    identified('in braces', { cluster_id: `{${id}}` }, /^data\.cluster_id: must be/),
    identified('as a URN', { cluster_id: `urn:uuid:${id}` }, /^data\.cluster_id: must be/),
    identified('with blanks around', { cluster_id: ` ${id} ` }, /^data\.cluster_id: must be/),
  ];

  const refused = (what: string, body: string | Buffer, reason: RegExp): Form => ({
    what,
    body,
    expected: { refused: reason },
  });
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

  /** What is no event at all. */
  const nonsense: Form[] = [
    refused('text', 'not JSON', /not a JSON object/),
    refused('nothing', '', /not a JSON object/),
    refused('a list', JSON.stringify([{ cluster_id: id }]), /not a JSON object/),
    refused('a number', '7', /not a JSON object/),
    refused('null', 'null', /not a JSON object/),
    refused('true', 'true', /not a JSON object/),
    refused('data that is a list', envelope({ data: [data] }), /data is not/),
    refused('data that is a number', envelope({ data: 7 }), /data is not/),
    refused('data that is no JSON', envelope({ data: '{"cluster_id"' }), /data is not/),
    refused('base64 of no JSON', envelope({ data_base64: base64('no JSON') }), /data is not/),
    refused(
      'base64 of no UTF-8',
      envelope({
        data_base64: base64(Buffer.from(`{"cluster_id":"${id}","name":"\xe9"}`, 'latin1')),
      }),
      /data is not/,
    ),
    refused('base64 that is none', envelope({ data_base64: '***' }), /data is not/),
    refused('a raw payload of text', wrapped('no JSON'), /data is not/),
    refused('a message of 100,000 levels', deep, /not a JSON object/),
    refused(
      'data of 100,000 levels',
      envelope({}).replace(/\}$/, `,"data":${deep}}`),
      /data is not/,
    ),
    refused('a wrong id beside 100,000 levels', `{"cluster_id":"no","x":${deep}}`, /cluster_id/),
    refused(
      'envelopes without end',
      JSON.stringify(
        Array.from({ length: 20 }).reduce<object>((inside) => ({ ...inner, data: inside }), inner),
      ),
      /data is not/,
    ),
  ];

  const bud = '/events/bud-app-messages';
  const budMessage = (type: string, content: object, more: object = {}) => ({
    notification_type: 'event',
    payload: { category: 'internal', type, event: 'results', source: 'budcluster', content },
    source: 'Dapr',
    type: 'notification',
    topic: 'budAppMessages',
    specversion: '1.0',
    time,
    ...more,
  });
  const registered = budMessage('register_cluster', {
    status: 'COMPLETED',
    result: { id, name: 'east' },
  });
  const deletedAt = { living: false, name: null, time: (taken as { time: string }).time };
  const onBud = (what: string, message: object, expected: Form['expected']): Form => ({
    what: `Bud's message of ${what}`,
    path: bud,
    body: JSON.stringify(message),
    expected,
  });

  /** What comes on Bud's own stream. */
  const budMessages: Form[] = [
    onBud('a registration', registered, taken),
    onBud(
      'a registration in a CloudEvent',
      { specversion: '1.0', id: '1', ...later, data: registered },
      taken,
    ),
    onBud('a registration without time', { ...registered, time: undefined }, takenOnArrival),
    onBud(
      'a registration from the future',
      { ...registered, time: '2099-01-01T00:00:00Z' },
      { refused: /day ahead/ },
    ),
    onBud(
      'a registration with a long name',
      budMessage('register_cluster', {
        status: 'COMPLETED',
        result: { id, name: 'y'.repeat(300) },
      }),
      { name: 'y'.repeat(150) },
    ),
    onBud(
      'a registration without id',
      budMessage('register_cluster', { status: 'COMPLETED', result: {} }),
      { refused: /no cluster id/ },
    ),
    onBud(
      'a registration that failed',
      budMessage('register_cluster', { status: 'FAILED', result: { id } }),
      'ignored',
    ),
    onBud(
      'a deletion',
      budMessage('delete_cluster', { status: 'COMPLETED', result: { cluster_id: id } }),
      deletedAt,
    ),
    onBud(
      'a deletion named in its text',
      budMessage('delete_cluster', {
        message: `Cluster ${id} was deleted successfully`,
        result: {},
      }),
      deletedAt,
    ),
    onBud(
      'something else',
      budMessage('deploy_model', { status: 'COMPLETED', result: { id } }),
      'ignored',
    ),
    onBud('nothing', {}, 'ignored'),
  ];

  const deletion: Form = {
    what: 'a deletion',
    path: '/events/cluster-deleted',
    body: envelope({ data }),
    expected: deletedAt,
  };

  return {
    'an envelope': envelopes,
    'a time': times,
    'a name': names,
    'an id': ids,
    'no event': nonsense,
    "Bud's stream": [...budMessages, deletion],
  };
}
