import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { commonConfig, commonEnv, envPort } from './common-env.js';
import {
  envBoolean,
  envCertificates,
  envDuration,
  envFolder,
  envHeaderText,
  envInteger,
  envList,
  envNumber,
  envText,
  envTimeout,
  envUrl,
  envUrls,
  envUser,
} from './env-types.js';
import { ConfigError, readConfig } from './read-config.js';

const jwtEnv = {
  APP_ID: 'bud-metrics',
  AUTH_MODE: 'jwt',
  AUTH_JWKS_URL: 'https://login.test/certs',
  AUTH_ISSUER: 'https://login.test/realms/bud',
  AUTH_AUDIENCE: 'bud-monitoring,bud-frontend',
  APP_API_TOKEN: 'from-the-sidecar',
};

function problemsOf(schema: z.ZodObject, env: Record<string, string>): Record<string, string> {
  try {
    readConfig(schema, env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return Object.fromEntries(error.problems.map(({ name, message }) => [name, message]));
  }
  return {};
}

describe('readConfig', () => {
  it.each([
    ['envText', envText(), ' a b ', ' a b '],
    ['envBoolean', envBoolean(), 'true', true],
    ['envBoolean', envBoolean(), '1', true],
    ['envBoolean', envBoolean(), 'false', false],
    ['envBoolean', envBoolean(), '0', false],
    ['envInteger', envInteger({ min: -5, max: 9 }), '-5', -5],
    ['envInteger', envInteger({ min: -5, max: 9 }), '9', 9],
    ['envNumber', envNumber(), '0.25', 0.25],
    ['envDuration', envDuration(), '500ms', 500],
    ['envDuration', envDuration(), '30s', 30_000],
    ['envDuration', envDuration(), '5m', 300_000],
    ['envDuration', envDuration(), '2h', 7_200_000],
    ['envDuration', envDuration(), '7d', 604_800_000],
    ['envList', envList(), 'a, b ,c', ['a', 'b', 'c']],
    ['envUrl', envUrl(), 'http://prometheus:9090/prom/', 'http://prometheus:9090/prom'],
    ['envUrl', envUrl({ query: true }), 'https://login/keys?p=a', 'https://login/keys?p=a'],
    ['envHeaderText', envHeaderText(), 'a b', 'a b'],
    ['envUser', envUser(), 'some one', 'some one'],
    ['envFolder', envFolder(), 'packages', 'packages'],
    ['envTimeout', envTimeout(), '1ms', 1],
    ['envDuration', envDuration(), '0s', 0],
    ['envDuration', envDuration({ min: '1s' }), '1000ms', 1000],
  ])('reads %s from "%s"', (_name, schema, text, value) => {
    expect(readConfig(z.object({ X: schema }), { X: text })).toEqual({ X: value });
  });

  it.each([
    ['envBoolean', envBoolean(), ['yes', 'TRUE', 'on', ' true']],
    [
      'envInteger',
      envInteger({ min: 1, max: 9 }),
      ['0', '10', '1.5', '0x1', '1e1', ' 1', '9'.repeat(30)],
    ],
    ['envNumber', envNumber({ min: 0 }), ['-1', '1,5', '.5', 'NaN', 'Infinity', '1e3']],
    ['envDuration', envDuration(), ['30', '30 s', '-30s', '1.5s', 's', '30sec', '1h30m', '36501d']],
    ['envDuration', envDuration({ min: '1s' }), ['0s', '999ms']],
    ['envUser', envUser(), ['a:b', ':']],
    ['envCertificates', envCertificates(), ['/nowhere/ca.pem', 'package.json', '.', '/']],
    ['envFolder', envFolder(), ['/nowhere/templates', 'package.json']],
    // Longer ones than a timer can wait would end at once.
    ['envTimeout', envTimeout(), ['0ms', '0d', '25h', '999999999d']],
    // What no HTTP header can carry, or what would not arrive as it is.
    [
      'envHeaderText',
      envHeaderText(),
      [' ', ' a', 'a ', 'a\n', 'a\r\nX: y', '\uFEFFa', 'schlüssel', 'a\u0000'],
    ],
    ['envList', envList(), ['a,,b', ',', 'a,']],
    [
      'envUrl',
      envUrl(),
      ['prometheus:9090', 'ftp://x', 'http://', 'http://user:secret@x', 'http:x'],
    ],
    ['envUrl', envUrl(), ['http://x ', ' http://x', 'http://x\r\n', 'http://x/?a=b', 'http://x#a']],
    ['envUrls', envUrls(), ['http://a,http://b?c', 'http://a\nhttp://b', 'http://a,']],
  ])('refuses what is no %s', (_name, schema, texts) => {
    for (const text of texts) {
      expect(problemsOf(z.object({ X: schema }), { X: text })).toEqual({
        X: expect.stringContaining('it must be'),
      });
    }
  });

  it('lists every wrong and every missing variable in one message', () => {
    const schema = z.object({
      PORT: envPort('8080'),
      REFRESH: envDuration().prefault('30s'),
      MODE: z.enum(['warn', 'keep']).default('warn'),
      URL: envUrl(),
    });

    const read = () => readConfig(schema, { PORT: '99999', REFRESH: '30', MODE: 'drop' });

    expect(read).toThrow(
      [
        'The configuration is wrong:',
        '  - PORT is "99999"; it must be a whole number from 0 up to 65535',
        '  - REFRESH is "30"; it must be a duration such as 500ms, 30s, 5m, 2h or 7d',
        '  - MODE is "drop"; it must be warn or keep',
        '  - URL is not set; it must be an http or https URL without user, password and query in it',
      ].join('\n'),
    );
  });

  it('never shows a secret, nor a URL that may hold one', () => {
    const schema = z.object({
      PIN: envInteger().meta({ secret: true }),
      STORE_URL: envUrl(),
    });

    const problems = problemsOf(schema, { PIN: 'hunter2', STORE_URL: 'http://me:hun/ter2@store' });

    expect(problems).toEqual({
      PIN: 'has a wrong value; it must be a whole number',
      STORE_URL: expect.stringMatching(/^has a wrong value; /),
    });
  });

  it('takes an empty text for unset', () => {
    const schema = z.object({
      A: envText().optional(),
      B: envInteger().prefault('7'),
      C: envText(),
    });

    expect(problemsOf(schema, { A: '', B: '', C: '' })).toEqual({
      C: 'is not set; it must be a text',
    });
    expect(readConfig(schema, { A: '', B: '', C: 'c' })).toEqual({ B: 7, C: 'c' });
  });

  it("reports a schema's own rules between variables", () => {
    const schema = z
      .object({ LOW: envInteger(), HIGH: envInteger() })
      .refine(({ LOW, HIGH }) => LOW < HIGH, { path: ['LOW'], message: 'must be below HIGH' });

    expect(problemsOf(schema, { LOW: '5', HIGH: '5' })).toEqual({ LOW: 'must be below HIGH' });
  });

  it('freezes what it returns, lists included', () => {
    const config = readConfig(z.object({ NAMES: envList() }), { NAMES: 'a,b' });

    expect(() => config.NAMES.push('c')).toThrow(TypeError);
    expect(Object.isFrozen(config)).toBe(true);
  });
});

describe('the common variables', () => {
  const schema = z.object(commonEnv);

  it('demand a decision about authentication', () => {
    expect(problemsOf(schema, { APP_ID: 'bud-metrics' })).toEqual({
      AUTH_MODE: expect.stringMatching(/^is not set; it must be jwt .*AUTH_JWKS_URL.* or off/),
    });
  });

  it('say all that AUTH_MODE=jwt lacks', () => {
    expect(problemsOf(schema, { APP_ID: 'bud-metrics', AUTH_MODE: 'jwt' })).toEqual({
      AUTH_JWKS_URL: expect.stringContaining('with AUTH_MODE=jwt'),
      AUTH_ISSUER: expect.stringContaining('with AUTH_MODE=jwt'),
      AUTH_AUDIENCE: expect.stringContaining('with AUTH_MODE=jwt'),
      APP_API_TOKEN: expect.stringContaining('with AUTH_MODE=jwt'),
    });
  });

  it.each([
    ['AUTH_TRUSTED_APP_IDS', 'bud-billing,bud-gateway'],
    ['AUTH_ALGORITHMS', 'RS256,HS256'],
    ['AUTH_ALGORITHMS', 'none'],
    ['LOG_LEVEL', 'verbose'],
  ])('refuse %s=%s', (name, value) => {
    expect(Object.keys(problemsOf(schema, { ...jwtEnv, [name]: value }))).toEqual([name]);
  });

  it('become the nested configuration', () => {
    const config = commonConfig(
      readConfig(schema, {
        ...jwtEnv,
        PORT: '0',
        DAPR_HTTP_PORT: '3601',
        DAPR_API_TOKEN: 'to-the-sidecar',
        AUTH_TRUSTED_APP_IDS: 'bud-billing',
      }),
    );

    expect(config).toEqual({
      http: { host: '127.0.0.1', port: 0 },
      logLevel: 'info',
      traces: null,
      clusterIdFormat: 'uuid',
      dapr: {
        baseUrl: 'http://127.0.0.1:3601',
        apiToken: 'to-the-sidecar',
        pubsubName: 'pubsub',
        stateStoreName: 'statestore',
      },
      auth: {
        mode: 'jwt',
        appId: 'bud-metrics',
        appApiToken: 'from-the-sidecar',
        trustedAppIds: ['bud-billing'],
        jwksUrl: 'https://login.test/certs',
        issuers: ['https://login.test/realms/bud'],
        audiences: ['bud-monitoring', 'bud-frontend'],
        accessTokensOnly: true,
        algorithms: ['RS256'],
        clientId: undefined,
      },
    });
  });

  it('let DAPR_BASE_URL win over the port, and off be off', () => {
    const config = commonConfig(
      readConfig(schema, { APP_ID: 'x', AUTH_MODE: 'off', DAPR_BASE_URL: 'http://sidecar:3500/' }),
    );

    expect(config.dapr.baseUrl).toBe('http://sidecar:3500');
    expect(config.auth).toEqual({
      mode: 'off',
      appId: 'x',
      appApiToken: undefined,
      trustedAppIds: [],
    });
  });
});
