import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ApiServer } from './support/api-server.js';
import { manifests, podsOf, type Chart, type Values } from './support/chart.js';
import { useChart } from './support/use-chart.js';

/** `npm run test:kubernetes`; tests/kubernetes is left out of `npm test` (jest.config.mjs). */
const MINUTE = 60_000;

let server: ApiServer;
let chart: Chart;
useChart((stand) => ({ server, chart } = stand));

beforeAll(() => server.kubectl(['create', 'priorityclass', 'high', '--value', '1']), MINUTE);

const everything: Values = {
  commonLabels: { team: 'platform' },
  extraCaConfigMap: 'authorities',
  redis: { tls: { enabled: true, insecureSkipVerify: true }, username: 'bud', consumerId: 'one' },
  store: { url: 'https://thanos:10902', existingSecret: 'store', tenant: 'a', caConfigMap: 'ca' },
  alertmanager: { url: 'http://a:9093,http://b:9093', existingSecret: 'alertmanager' },
  grafana: { publicUrl: 'https://grafana.example.com', datasource: { url: 'http://thanos:10902' } },
  auth: {
    ...{ jwksUrl: 'https://id/jwks', issuer: 'https://id', audience: 'bud', clientId: 'bud' },
    trustedAppIds: 'bud-cluster',
  },
  dapr: {
    publishers: ['budcluster', 'budapp'],
    callers: ['budcluster', 'budapp'],
    callersNamespace: 'other',
    pubsubName: 'events',
    sidecar: {
      native: true,
      image: 'daprio/daprd:1.18.3',
      caConfigMap: 'ca',
      annotations: { 'dapr.io/sidecar-cpu-limit': '1' },
    },
  },
  appIds: { budCluster: 'budcluster' },
  settings: { LOG_LEVEL: 'debug' },
  metrics: {
    settings: { QUERY_MAX_POINTS: 1_000_000, ALERT_NODE_NOT_READY: false },
    autoscaling: { enabled: true },
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'a', operator: 'Exists' }],
    priorityClassName: 'high',
    podAnnotations: { 'example.com/a': 'b' },
  },
  dashboard: { autoscaling: { enabled: true } },
  gateway: {
    autoscaling: { enabled: true },
    console: { clientId: 'bud-console', issuerOrigins: ['https://tokens.example.com'] },
    service: { type: 'LoadBalancer', annotations: { a: 'b' } },
    ingress: {
      ...{ enabled: true, className: 'nginx', hosts: [{ host: 'm.example.com' }] },
      tls: [{ secretName: 'tls', hosts: ['m.example.com'] }],
    },
    route: {
      ...{ enabled: true, hostnames: ['m.example.com'] },
      parentRefs: [{ name: 'public', namespace: 'gateways', sectionName: 'https' }],
    },
  },
  networkPolicy: {
    gatewayFrom: [{ namespaceSelector: { matchLabels: { a: 'b' } } }],
    egress: [{ ports: [{ port: 6379, protocol: 'TCP' }], to: [{ podSelector: {} }] }],
  },
  monitoring: {
    serviceMonitor: { enabled: true, labels: { release: 'p' }, namespace: 'bud' },
    prometheusRule: { enabled: true, labels: { release: 'p' } },
  },
};

const matrix: [name: string, values: Values, files?: string[]][] = [
  ['its default values', {}],
  ['everything on', everything],
  ['the demo', { demo: { password: 'secret', storageClassName: 'fast' } }, ['values-demo.yaml']],
  ['Sentinel', { redis: { host: 'a:26379,b:26379', sentinel: { masterName: 'm', auth: true } } }],
  ['no console', { gateway: { console: { enabled: false } } }],
  [
    'nothing optional',
    {
      gateway: { enabled: false },
      networkPolicy: { enabled: false },
      podDisruptionBudget: { enabled: false },
      topologySpread: false,
      tests: { enabled: false },
      dapr: { accessControl: false },
      redis: { existingSecret: '' },
      serviceAccount: { name: 'own' },
    },
  ],
  [
    'ids that the platform chooses',
    {
      podSecurity: { runAsUser: null, runAsGroup: null, gatewayUser: null, gatewayGroup: null },
    },
  ],
  ['a digest', { image: { registry: 'r.example.com/bud', tag: `@sha256:${'a'.repeat(64)}` } }],
];

describe.each(matrix)('the chart with %s', (_, values, files) => {
  it(
    'passes helm lint and the strict validation of kube-apiserver',
    async () => {
      if (files === undefined) await chart.lint(values);
      const text = await chart.template(values, files);
      expect(manifests(text).length).toBeGreaterThan(5);
      const said = await server.kubectl(
        ['apply', '-n', 'bud', '--dry-run=server', '--validate=strict', '-f', '-'],
        text,
      );
      expect(said).not.toMatch(/warning/i);
    },
    3 * MINUTE,
  );

  it(
    'has pods that the restricted Pod Security standard admits',
    async () => {
      const pods = podsOf(await chart.template(values, files));
      expect(pods.length).toBeGreaterThan(1);
      // JSON: what YAML 1.2 calls text, "off" among it, is something else to Kubernetes.
      const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: pods });
      await server.kubectl(['apply', '-n', 'bud', '--dry-run=server', '-f', '-'], text);
    },
    2 * MINUTE,
  );

  it(
    'gives no object a name twice, and every selector only what never changes',
    async () => {
      const all = manifests(await chart.template(values, files));
      const names = all.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
      expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
      for (const { kind, spec } of all) {
        if (kind !== 'Deployment') continue;
        const { matchLabels } = spec['selector'] as { matchLabels: Record<string, string> };
        expect(Object.keys(matchLabels).sort()).toEqual(
          ['component', 'instance', 'name'].map((label) => `app.kubernetes.io/${label}`),
        );
      }
    },
    MINUTE,
  );
});

describe('the chart', () => {
  it(
    'refuses what its schema does not know',
    async () => {
      const settings = { metrics: { settings: { QUERY_MAX_POINT: 5 } } };
      await expect(chart.template(settings)).rejects.toThrow('QUERY_MAX_POINT');
      await expect(chart.template({ gateway: { route: { enabled: true } } })).rejects.toThrow(
        'parentRefs',
      );
    },
    MINUTE,
  );

  it(
    'writes numbers as the services read them, and the heap into the limit',
    async () => {
      const text = await chart.template(everything);
      const metrics = manifests(text).find(
        ({ kind, metadata }) => kind === 'Deployment' && metadata.name.endsWith('-metrics'),
      );
      const [container] = metrics?.spec.template?.spec.containers ?? [];
      const values = Object.fromEntries(
        (container?.env ?? []).map(({ name, value }) => [name, value]),
      );
      expect(values).toMatchObject({ QUERY_MAX_POINTS: '1000000', ALERT_NODE_NOT_READY: 'false' });
      expect(container?.command).toContain('--max-old-space-size=341');
      expect(metrics?.spec.replicas).toBeUndefined();
    },
    MINUTE,
  );

  it(
    'opens topics, state and calls to those who were named, and to nobody else',
    async () => {
      const text = await chart.template(everything);
      const scopes = Object.fromEntries(
        (manifests(text) as { kind: string; metadata: { name: string }; scopes?: string[] }[])
          .filter(({ kind }) => kind === 'Component')
          .map((component) => [component.metadata.name, component.scopes]),
      );
      expect(scopes).toEqual({
        events: ['bud-metrics', 'bud-dashboard', 'budcluster', 'budapp'],
        statestore: ['bud-metrics', 'bud-dashboard'],
        'evaluate-alerts': ['bud-metrics'],
        'reconcile-dashboards': ['bud-dashboard'],
      });
      for (const word of ['pubsubname: "events"', 'events:\n', 'budcluster:\n'])
        expect(text).toContain(word);
    },
    MINUTE,
  );

  it(
    'hands further authorities to both services, and to nobody unless told',
    async () => {
      const text = await chart.template({ extraCaConfigMap: 'authorities' });
      const found = ['metrics', 'dashboard'].map((component) => {
        const { spec } = manifests(text).find(
          ({ kind, metadata }) => kind === 'Deployment' && metadata.name.endsWith(`-${component}`),
        )!;
        return spec.template?.spec;
      });
      for (const pod of found)
        expect(pod).toMatchObject({
          volumes: expect.arrayContaining([
            { name: 'extra-certificates', configMap: { name: 'authorities' } },
          ]),
          containers: [
            {
              env: expect.arrayContaining([
                { name: 'NODE_EXTRA_CA_CERTS', value: '/certificates/extra/ca.crt' },
              ]),
              volumeMounts: expect.arrayContaining([
                { name: 'extra-certificates', mountPath: '/certificates/extra', readOnly: true },
              ]),
            },
          ],
        });
      expect(await chart.template()).not.toMatch(/extra-certificates|NODE_EXTRA_CA_CERTS/);
    },
    MINUTE,
  );

  it(
    'opens a secret store of Dapr for the secrets that a service names, and for no others',
    async () => {
      const shared = { SECRET_STORE_NAME: 'vault', PROMETHEUS_PASSWORD_SECRET: 'store#password' };
      const text = await chart.template({
        settings: shared,
        dashboard: { settings: { GRAFANA_TOKEN_SECRET: 'grafana' } },
        grafana: { existingSecret: '' },
      });
      const opened = manifests(text)
        .filter(({ kind }) => kind === 'Configuration')
        .map(({ metadata, spec }) => {
          const { api, secrets } = spec as {
            api: { allowed: { name: string }[] };
            secrets: { scopes: { storeName: string; allowedSecrets?: string[] }[] };
          };
          const scope = secrets.scopes.find(({ storeName }) => storeName === 'vault');
          return [
            metadata.name.replace(/.*-/, ''),
            api.allowed.some(({ name }) => name === 'secrets'),
            scope?.allowedSecrets,
          ];
        });
      expect(opened).toEqual([
        ['dashboard', true, ['grafana', 'store']],
        ['gateway', false, undefined],
        ['metrics', true, ['store']],
      ]);
      expect(text).toMatch(/name: GRAFANA_TOKEN_SECRET\n +value: "grafana"/);
      expect(await chart.template()).not.toMatch(/name: secrets,/);
    },
    MINUTE,
  );

  it(
    'serves the console from an image of ours, or is nginx as it comes',
    async () => {
      const gatewayOf = async (values: Values) => {
        const found = manifests(await chart.template(values)).find(
          ({ kind, metadata }) => kind === 'Deployment' && metadata.name.endsWith('-gateway'),
        );
        const [container] = found?.spec.template?.spec.containers ?? [];
        const env = Object.fromEntries(
          (container?.env ?? []).map(({ name, value }) => [name, value]),
        );
        return { image: container?.image, env };
      };
      const gateway = { console: { clientId: 'c', issuerOrigins: ['https://a', 'https://b'] } };
      const auth = { issuer: 'https://id.example.com', audience: 'bud' };
      expect(await gatewayOf({ gateway, auth, image: { registry: 'r', tag: '1' } })).toMatchObject({
        image: 'r/bud-gateway:1',
        env: {
          GATEWAY_CONSOLE: 'on',
          GATEWAY_CONSOLE_ISSUER: 'https://id.example.com',
          GATEWAY_CONSOLE_CLIENT_ID: 'c',
          GATEWAY_CONSOLE_SCOPE: 'openid',
          GATEWAY_CONSOLE_ISSUER_ORIGINS: 'https://a https://b',
          GATEWAY_CONSOLE_AUDIENCE: 'bud',
          GATEWAY_CONSOLE_GRAFANA: 'http://grafana:3000',
        },
      });
      const without = await gatewayOf({ gateway: { console: { enabled: false } } });
      expect(without).toMatchObject({
        image: expect.stringMatching(/^nginx:/),
        env: { GATEWAY_CONSOLE: 'off' },
      });
    },
    MINUTE,
  );
});
