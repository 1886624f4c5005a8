import { externalGrafana } from '../../support/external-grafana.js';
import { startFakeGrafana } from '../../../stack/src/fakes/fake-grafana/server.js';

/** A Grafana to test against, known by its HTTP API alone. */
export interface Target {
  name: string;
  open: () => Promise<OpenTarget>;
}

export interface OpenTarget extends AsyncDisposable {
  scheme: 'http' | 'https';
  /** `host[:port][/path]` */
  url: string;
  /** Of an administrator, as the service's environment has them. */
  credentials: Record<string, string>;
  /** The administrator's `Authorization`. */
  authorization: string;
}

/** The Grafana that GRAFANA_URL names; without it the fake, in both of its dialects. */
export function targets(env: Readonly<Record<string, string | undefined>>): Target[] {
  const foreign = externalGrafana(env);
  if (foreign === null) return [fake('9.4'), fake('later')];
  return [{ name: foreign.url, open: () => Promise.resolve(connect(foreign, env)) }];
}

function fake(dialect: '9.4' | 'later'): Target {
  return {
    name: `the fake Grafana, dialect ${dialect}`,
    async open() {
      const server = await startFakeGrafana({ dialect });
      const { host } = new URL(server.url);
      const env = { GRAFANA_USERNAME: 'admin', GRAFANA_PASSWORD: 'admin' };
      return {
        ...connect({ scheme: 'http', url: host }, env),
        [Symbol.asyncDispose]: () => server.close(),
      };
    },
  };
}

function connect(
  { scheme, url }: Pick<OpenTarget, 'scheme' | 'url'>,
  env: Readonly<Record<string, string | undefined>>,
): OpenTarget {
  const { GRAFANA_TOKEN: token, GRAFANA_USERNAME: user, GRAFANA_PASSWORD: password } = env;
  if (token === undefined && (user === undefined || password === undefined))
    throw new Error(
      'GRAFANA_URL needs an administrator: set GRAFANA_TOKEN, or GRAFANA_USERNAME and GRAFANA_PASSWORD',
    );
  return {
    scheme,
    url,
    credentials:
      token === undefined
        ? { GRAFANA_USERNAME: user ?? '', GRAFANA_PASSWORD: password ?? '' }
        : { GRAFANA_TOKEN: token },
    authorization:
      token === undefined
        ? `Basic ${Buffer.from(`${user ?? ''}:${password ?? ''}`).toString('base64')}`
        : `Bearer ${token}`,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
