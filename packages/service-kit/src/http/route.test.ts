import { describe, expect, it } from '@jest/globals';
import { errorSchema } from '@bud-monitoring/contracts';
import { send, startApp } from '../testing/app.js';
import { echo, id, put } from '../testing/routes.js';

describe('a defined route', () => {
  it('answers in the envelope with checked and decoded input', async () => {
    await using service = await startApp({ routes: [echo] });

    const reply = await send(
      service.url,
      `/clusters/${id.toUpperCase()}/things/a%2Fb?node=n1&node=n2&step=30`,
    );

    expect(reply.status).toBe(202);
    expect(reply.headers['x-cache']).toBe('miss');
    expect(reply.json()).toEqual({
      object: 'test.echo',
      message: 'Echoed',
      data: {
        params: { cluster_id: id, name: 'a/b' },
        query: { time_range: 'today', node: ['n1', 'n2'], step: '30' },
      },
    });
  });

  it.each([
    ['a malformed id', `/clusters/not-a-uuid/things/a`, ['cluster_id']],
    ['an id that is malformed once decoded', `/clusters/${id}%3Fx/things/a`, ['cluster_id']],
    ['an unknown parameter', `/clusters/${id}/things/a?filter=today`, ['filter']],
    ['a repeated single value', `/clusters/${id}/things/a?step=1&step=2`, ['step']],
    ['a value out of the list', `/clusters/${id}/things/a?time_range=year`, ['time_range']],
    ['an empty value', `/clusters/${id}/things/a?time_range=`, ['time_range']],
    ['a value of the wrong form', `/clusters/${id}/things/a?step=abc`, ['step']],
    ['several at once', `/clusters/${id}/things/a?zzz=1&step=abc`, ['zzz', 'step']],
    [
      'names of the prototype',
      `/clusters/${id}/things/a?__proto__=1&constructor=2`,
      ['__proto__', 'constructor'],
    ],
  ])('answers 400 naming the field for %s', async (_what, path, fields) => {
    await using service = await startApp({ routes: [echo] });

    const reply = await send(service.url, path);

    expect(reply.status).toBe(400);
    const error = errorSchema.parse(reply.json());
    expect(error.type).toBe('BadRequestError');
    expect(error.details?.map(({ field }) => field)).toEqual(fields);
    for (const field of fields) expect(error.message).toContain(field);
  });

  it('tells which parameters it knows', async () => {
    await using service = await startApp({ routes: [echo] });

    const reply = await send(service.url, `/clusters/${id}/things/a?filter=today`);

    expect(reply.json()['message']).toBe('filter: is not known; known are time_range, node, step');
  });

  it.each([
    ['good', '{"enabled":true}', 'application/json', 200, undefined],
    ['good with a charset', '{"enabled":true}', 'application/json; charset=utf-8', 200, undefined],
    ['malformed', '{"enabled":', 'application/json', 400, undefined],
    ['of a wrong type', '{"enabled":"yes"}', 'application/json', 400, 'enabled'],
    [
      'wrong deep inside',
      '{"enabled":true,"limits":{"low":"1"}}',
      'application/json',
      400,
      'limits.low',
    ],
    ['with an unknown field', '{"enabled":true,"x":1}', 'application/json', 400, 'x'],
    ['no object', '3', 'application/json', 400, 'body'],
    ['of another media type', 'enabled=true', 'application/x-www-form-urlencoded', 415, undefined],
    ['of an unknown charset', '{}', 'application/json; charset=klingon', 415, undefined],
    ['missing', undefined, undefined, 415, undefined],
    ['empty', '', 'application/json', 400, 'enabled'],
    ['too large', `{"x":"${'x'.repeat(1_100_000)}"}`, 'application/json', 413, undefined],
  ])('treats a body that is %s', async (_what, body, type, status, field) => {
    await using service = await startApp({ routes: [put] });

    const reply = await send(service.url, '/things', {
      method: 'PUT',
      headers: type === undefined ? {} : { 'content-type': type },
      ...(body !== undefined && { body }),
    });

    expect(reply.status).toBe(status);
    expect(reply.json()['code']).toBe(status === 200 ? undefined : status);
    const details = reply.json()['details'] as { field?: string }[] | undefined;
    expect(details?.[0]?.field).toBe(field);
  });
});
