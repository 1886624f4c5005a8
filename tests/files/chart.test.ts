import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { describeConfig } from '@bud-monitoring/service-kit';
import { service } from '@bud-monitoring/stack';
import { Ajv } from 'ajv';
import { parse, parseAllDocuments } from 'yaml';
import { dashboardEnv } from '../../services/dashboard/src/config.js';
import { metricsEnv } from '../../services/metrics/src/config.js';

const chart = 'deploy/helm/bud-monitoring';
const read = (name: string) => readFileSync(join(chart, name), 'utf8');

interface Schema {
  properties?: Record<string, Schema>;
  $ref?: string;
  $defs: Record<string, Schema>;
}
type Values = Record<string, unknown>;

const schema = JSON.parse(read('values.schema.json')) as Schema;
const values = parse(read('values.yaml')) as Values;
const validate = new Ajv({ strict: false }).compile(schema);
const errorsOf = (own: Values) => {
  validate(own);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
};

/** The settings that a template of the environment names. */
function namesIn(...templates: string[]): Set<string> {
  const text = read('templates/_environment.tpl');
  const bodies = templates.map((name) => {
    const start = text.indexOf(`define "${name}"`);
    return text.slice(start, text.indexOf('{{- define', start));
  });
  return new Set(
    [...bodies.join().matchAll(/name"?:? "?([A-Z][A-Z_]+)/g)].map(([, name]) => name ?? ''),
  );
}

const services = [
  { name: 'metrics', rows: describeConfig(metricsEnv), template: 'bud.metricsEnv' },
  { name: 'dashboard', rows: describeConfig(dashboardEnv), template: 'bud.dashboardEnv' },
];

describe('the settings of the services in the chart', () => {
  it.each(services)(
    'are all within reach for bud-$name, each in one way',
    ({ name, rows, template }) => {
      const set = namesIn('bud.commonEnv', template);
      const free = Object.keys(schema.$defs[`${name}Settings`]?.properties ?? {});
      const byDapr = ['DAPR_BASE_URL', 'DAPR_HTTP_PORT'];
      const places = rows.flatMap((row) =>
        row.secret && !/^(DAPR|APP)_API_TOKEN$/.test(row.name) ? [`${row.name}_SECRET`] : [],
      );
      expect([...set, ...free, ...byDapr].sort()).toEqual(
        [...rows.map((row) => row.name), ...places].sort(),
      );
    },
  );

  it.each(services)('that bud-$name cannot do without are set', ({ rows, template }) => {
    const required = rows.flatMap((row) => (row.required ? [row.name] : []));
    expect([...namesIn('bud.commonEnv', template)]).toEqual(expect.arrayContaining(required));
  });

  it('that are secrets come from Secrets alone', () => {
    const secrets = services.flatMap(({ rows }) =>
      rows.flatMap((row) => (row.secret ? [row.name] : [])),
    );
    const text = read('templates/_environment.tpl');
    for (const secret of secrets)
      expect(text).toMatch(new RegExp(`"bud.secretEnv" \\(dict "name" "${secret}" `));
  });
});

describe('values.yaml', () => {
  it('is what the schema allows, as are the values of the demo', () => {
    expect(errorsOf(values)).toEqual([]);
    expect(errorsOf(parse(read('values-demo.yaml')) as Values)).toEqual([]);
  });

  it('names every value of the schema, but for what parent charts pass on', () => {
    const missing = Object.entries(schema.properties ?? {}).flatMap(([name, part]) =>
      missingIn(values[name], part).map((path) => name + path),
    );
    expect(missing.sort()).toEqual(['enabled', 'global']);
  });

  it('stands inside of a parent chart', () => {
    expect(errorsOf({ global: { domain: 'x' }, enabled: true })).toEqual([]);
  });

  it.each([
    { metrics: { settings: { QUERY_MAX_POINT: 5 } } },
    { dashboard: { settings: { QUERY_MAX_POINTS: 5 } } },
    { metrics: { settings: { APP_API_TOKEN: 'in the open' } } },
    { settings: { PORT: 1 } },
    { auth: { mode: 'maybe' } },
    { auth: { trustedAppIds: 'a, bud-gateway' } },
    { redis: { host: 'redis' } },
    { appIds: { metrics: 'Bud Metrics' } },
    { metrics: { resources: { limits: { cpu: 1 } } } },
    { unknown: 1 },
  ])('refuses %j', (own) => {
    expect(errorsOf(own)).not.toEqual([]);
  });
});

/** Paths of the schema that a value lacks. */
function missingIn(value: unknown, part: Schema): string[] {
  if (value === undefined) return [''];
  if (part.$ref !== undefined || value === null || typeof value !== 'object') return [];
  return Object.entries(part.properties ?? {}).flatMap(([name, inner]) =>
    missingIn((value as Values)[name], inner).map((path) => `.${name}${path}`),
  );
}

describe('the templates', () => {
  const text = readdirSync(join(chart, 'templates'), { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(chart, 'templates', name)).isFile())
    .map((name) => read(join('templates', name)))
    .join('\n');

  it('read only values that exist', () => {
    const paths = [...text.matchAll(/\.Values((?:\.\w+)+)/g)].map(([, path = '']) => path.slice(1));
    expect(paths.length).toBeGreaterThan(50);
    const unknown = paths.filter((path) => {
      let value: unknown = values;
      for (const name of path.split('.')) value = (value as Values | undefined)?.[name];
      return value === undefined;
    });
    expect(unknown).toEqual([]);
  });

  it('subscribe to the topics and tick the routes of components/', () => {
    const own = readdirSync('components').flatMap((file) =>
      parseAllDocuments(readFileSync(join('components', file), 'utf8')).map(
        (document) =>
          document.toJS() as {
            kind: string;
            metadata: { name: string };
            spec: { type?: string; topic?: string; routes?: { default: string } };
          },
      ),
    );
    const wanted = own.flatMap(({ kind, metadata, spec }) => {
      if (spec.type === 'bindings.cron') return [`"${metadata.name}"`];
      if (kind !== 'Subscription') return [];
      return [spec.topic ?? '', spec.routes?.default.replace('/events/', '') ?? ''];
    });
    expect(wanted.length).toBeGreaterThan(10);
    expect(wanted.filter((word) => !text.includes(word))).toEqual([]);
  });

  it('start bud-metrics with the flags of Node that its memory was measured with', () => {
    const [, ...command] = service('metrics').command ?? [];
    const flags = command.slice(0, -1).map((flag) => `            - ${flag}\n`);
    expect(flags.length).toBeGreaterThan(0);
    expect(flags.filter((line) => !text.includes(line))).toEqual([]);
  });

  it('give nobody a permission', () => {
    expect(text).not.toMatch(/kind: (Cluster)?Role/);
  });

  it('set every variable that the gateway asks for', () => {
    const asked = new Set(
      read('files/nginx.conf.template').match(/(?<=\$\{)GATEWAY_[A-Z_]+(?=\})/g),
    );
    expect([...asked].filter((name) => !text.includes(`name: ${name}`))).toEqual([]);
  });

  it('alert on metrics that the services have', () => {
    const families = ['bud-metrics', 'bud-dashboard'].map((name) =>
      readFileSync(`tests/fixtures/recorded/${name}/metric-families.json`, 'utf8'),
    );
    const named = read('files/alerts.yaml').match(/\b(bud|dapr|http)_[a-z_]+/g) ?? [];
    expect(named.length).toBeGreaterThan(5);
    const missing = named.filter((name) => !families.join().includes(name.replace(/_count$/, '')));
    expect(missing).toEqual([]);
  });
});
