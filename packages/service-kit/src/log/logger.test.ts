import { describe, expect, it, jest } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { runInContext } from '@bud-monitoring/client';
import { memoryLogger } from '../testing/app.js';
import { createLogger } from './logger.js';
import { redact, redactText } from './redact.js';

const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyIn0.c2lnbmF0dXJl';

describe('the logger', () => {
  it('writes one JSON object a line, with the service and the fields', () => {
    const lines: string[] = [];
    const logger = createLogger({
      service: 'bud-metrics',
      level: 'info',
      write: (l) => lines.push(l),
    });

    logger.child({ part: 'worker' }).warn('prometheus answered slowly', { durationMs: 12 });

    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(lines[0]!)).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      level: 'warn',
      service: 'bud-metrics',
      message: 'prometheus answered slowly',
      part: 'worker',
      durationMs: 12,
    });
  });

  it('switches to debug lines and back', () => {
    const lines: string[] = [];
    const logger = createLogger({ service: 's', level: 'warn', write: (line) => lines.push(line) });
    const child = logger.child({});
    child.debug('unseen');
    expect(logger.toggleDebug()).toBe('debug');
    child.debug('seen');
    expect(logger.toggleDebug()).toBe('warn');
    child.info('unseen');
    expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual([
      'seen',
    ]);
  });

  it('writes the lines of one turn at once to standard output', async () => {
    const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      const logger = createLogger({ service: 's', level: 'info' });
      logger.info('one');
      logger.info('two');
      expect(write).not.toHaveBeenCalled();
      await turn();
      expect(write).toHaveBeenCalledTimes(1);
      const lines = String(write.mock.calls[0]![0]).trimEnd().split('\n');
      expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual([
        'one',
        'two',
      ]);
    } finally {
      write.mockRestore();
    }
  });

  it('leaves out what is below its level', () => {
    const lines: string[] = [];
    const logger = createLogger({ service: 's', level: 'warn', write: (l) => lines.push(l) });

    logger.debug('no');
    logger.info('no');
    logger.error('yes');

    expect(lines).toHaveLength(1);
  });

  it("names the current request's id and trace, and lets no field forge them", () => {
    const { logger, lines } = memoryLogger();
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

    runInContext({ requestId: 'r-1', traceparent }, () => {
      logger.info('asked', { requestId: 'forged', level: 'error', message: 'x', service: 'y' });
    });

    expect(lines[0]).toMatchObject({
      requestId: 'r-1',
      traceId: 'a'.repeat(32),
      level: 'info',
      message: 'asked',
      service: 'test',
    });
  });

  it('logs an error as name, message, code and stack, never what else hangs on it', () => {
    const { logger, lines } = memoryLogger();
    const error = Object.assign(new TypeError('broke', { cause: new Error('deeper') }), {
      code: 'E_BROKE',
      config: { headers: { authorization: `Bearer ${jwt}` } },
      request: { url: 'http://10.0.0.1' },
    });

    logger.error('query failed', { error });

    expect(lines[0]!['error']).toEqual({
      name: 'TypeError',
      message: 'broke',
      code: 'E_BROKE',
      stack: expect.stringContaining('TypeError: broke'),
      cause: { name: 'Error', message: 'deeper', stack: expect.any(String) },
    });
  });
});

it.each([
  ['of a class of its own', new (class OwnError extends Error {})('broke')],
  ['of a signal', new DOMException('broke', 'AbortError')],
])('an error %s is logged as one', (_what, error) => {
  expect(redact({ error })).toMatchObject({ error: { name: error.name, message: 'broke' } });
});

describe('redaction', () => {
  it.each([
    'token',
    'accessToken',
    'dapr-api-token',
    'Authorization',
    'proxy-authorization',
    'password',
    'GRAFANA_PASSWORD',
    'passwd',
    'clientSecret',
    'cookie',
    'set-cookie',
    'api_key',
    'apiKey',
    'x-api-key',
    'privateKey',
    'credentials',
  ])('blots out a field named %s, however deep and of whatever type', (name) => {
    expect(redact({ a: [{ [name]: 'hunter2' }], b: { [name]: { c: 'hunter2' } } })).toEqual({
      a: [{ [name]: '[redacted]' }],
      b: { [name]: '[redacted]' },
    });
  });

  it.each([
    ['http://me:hunter2@grafana:3000/api', 'http://[redacted]@grafana:3000/api'],
    ['redis://:hunter2@redis:6379 refused', 'redis://[redacted]@redis:6379 refused'],
    ['sent Authorization: Bearer hunter2-hunter2', 'sent Authorization: Bearer [redacted]'],
    ['Basic aHVudGVyMg== refused', 'Basic [redacted] refused'],
    [`token ${jwt} refused`, 'token [redacted] refused'],
    ['used glsa_hunter2hunter2', 'used [redacted]'],
    ['GET /q?access_token=hunter2&x=1', 'GET /q?access_token=[redacted]&x=1'],
    [
      'https://g.test/public-dashboards/659a725c6ea54223b6642934eb82d57d',
      'https://g.test/public-dashboards/[redacted]',
    ],
  ])('cleans the text %s', (text, clean) => {
    expect(redactText(text)).toBe(clean);
    expect(redact({ url: [text], error: new Error(text) })).toMatchObject({
      url: [clean],
      error: { message: clean },
    });
  });

  it.each([
    'http://prometheus:9090/api/v1/query?query=up',
    'mail to ops@example.test about http://x/y',
    'the token has expired',
  ])('leaves the text %s alone', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('keeps a log line bounded and printable', () => {
    const loop: Record<string, unknown> = {
      big: 10n,
      when: new Date(0),
      bytes: Buffer.from('abc'),
    };
    loop['self'] = loop;

    const safe = redact({
      loop,
      long: 'x'.repeat(100_000),
      set: new Set([1]),
      map: new Map([['secret', 's']]),
    });

    expect(JSON.stringify(safe).length).toBeLessThan(6000);
    expect(safe).toMatchObject({
      loop: { big: '10', when: '1970-01-01T00:00:00.000Z', bytes: '[3 bytes]' },
      set: [1],
      map: { secret: '[redacted]' },
    });
  });
});
