import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { eventTopics } from '@bud-monitoring/cluster-events';
import { topics } from '@bud-monitoring/contracts';
import { describeConfig, type DaprRoute } from '@bud-monitoring/service-kit';
import { parseAllDocuments } from 'yaml';
import type { z } from 'zod';
import { dashboardEnv } from '../../services/dashboard/src/config.js';
import { eventRoutes as dashboardRoutes } from '../../services/dashboard/src/http/events.js';
import { metricsEnv } from '../../services/metrics/src/config.js';
import { alertCron } from '../../services/metrics/src/http/alerts.js';
import { clusterEventRoutes as metricsRoutes } from '../../services/metrics/src/http/cluster-events.js';

interface Resource {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  scopes?: string[];
  auth?: { secretStore: string };
  spec: Record<string, unknown> & { metadata?: unknown };
}

interface Subscription {
  pubsubname: string;
  topic: string;
  routes: { default: string };
  deadLetterTopic?: string;
}

const folder = 'components';
const resources = readdirSync(folder).flatMap((file) =>
  parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((document) => {
    const errors = [...document.errors, ...document.warnings].map(({ message }) => message);
    return { file, errors, resource: document.toJS() as Resource };
  }),
);
const ofKind = (kind: string) =>
  resources.flatMap(({ resource }) => (resource.kind === kind ? [resource] : []));
const named = (kind: string, name: string) =>
  ofKind(kind).find(({ metadata }) => metadata.name === name);

function defaultOf(schema: z.ZodObject, variable: string): string {
  const row = describeConfig(schema).find(({ name }) => name === variable);
  if (typeof row?.default !== 'string') throw new Error(`${variable} has no default`);
  return row.default;
}

const services = [
  {
    env: metricsEnv,
    routes: [
      ...metricsRoutes({} as Parameters<typeof metricsRoutes>[0]),
      alertCron({} as Parameters<typeof alertCron>[0]),
    ],
  },
  { env: dashboardEnv, routes: dashboardRoutes({} as Parameters<typeof dashboardRoutes>[0]) },
].map(({ env, routes }) => ({ env, routes, appId: defaultOf(env, 'APP_ID') }));
const budCluster = defaultOf(metricsEnv, 'BUD_CLUSTER_APP_ID');

const subscriptions = ofKind('Subscription').map(({ metadata, spec, scopes = [] }) => ({
  ...(spec as unknown as Subscription),
  name: metadata.name,
  scopes,
}));

function paths(routes: readonly DaprRoute[], kind: DaprRoute['kind']): string[] {
  return routes
    .filter((route) => route.kind === kind)
    .map(({ path }) => path)
    .sort();
}

describe('components/', () => {
  it('holds YAML that parses, each document a named Dapr resource', () => {
    expect(
      resources.flatMap(({ file, errors }) => errors.map((error) => `${file}: ${error}`)),
    ).toEqual([]);
    for (const { resource } of resources) {
      expect(resource).toMatchObject({
        apiVersion: expect.stringMatching(/^dapr\.io\/v[12]alpha1$/),
        kind: expect.stringMatching(/^(Component|Configuration|Resiliency|Subscription)$/),
        metadata: { name: expect.stringMatching(/^[a-z-]+$/) },
        spec: expect.any(Object),
      });
    }
  });

  it('names every resource once', () => {
    const names = resources.map(({ resource }) => `${resource.kind}/${resource.metadata.name}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it.each(['PUBSUB_NAME', 'STATE_STORE_NAME'])('has the component that %s names', (variable) => {
    for (const { env, appId } of services) {
      expect(named('Component', defaultOf(env, variable))?.scopes).toContain(appId);
    }
  });

  it('opens itself to apps that exist, and to all only the environment of their own sidecar', () => {
    const apps = [...services.map(({ appId }) => appId), budCluster];
    const scopes = resources.flatMap(({ resource }) => resource.scopes ?? []);
    expect([...new Set(scopes)].sort()).toEqual(apps.sort());
    const openToAll = resources.filter(
      ({ resource: { kind, scopes = [] } }) => kind !== 'Configuration' && scopes.length === 0,
    );
    expect(openToAll.map(({ resource: { spec } }) => spec['type'])).toEqual([
      'secretstores.local.env',
    ]);
  });

  it('takes secrets from a store that it has', () => {
    const stores = ofKind('Component').flatMap(({ auth }) => auth?.secretStore ?? []);
    expect(stores.length).toBeGreaterThan(0);
    for (const store of stores)
      expect(named('Component', store)?.spec['type']).toMatch(/^secretstores\./);
  });

  it('subscribes to topics of the contract through the one broker', () => {
    for (const { pubsubname, topic, scopes } of subscriptions) {
      expect(Object.values(topics)).toContain(topic);
      expect(pubsubname).toBe(defaultOf(dashboardEnv, 'PUBSUB_NAME'));
      expect(scopes).toHaveLength(1);
    }
  });

  it.each(services)('delivers to exactly the event routes of $appId', ({ appId, routes }) => {
    const delivered = subscriptions.filter(({ scopes }) => scopes.includes(appId));
    expect(delivered.map(({ routes: { default: path } }) => path).sort()).toEqual(
      paths(routes, 'subscription'),
    );
  });

  it.each(services)('has a cron binding for each cron route of $appId', ({ appId, routes }) => {
    const bindings = ofKind('Component').filter(
      ({ spec, scopes }) => spec['type'] === 'bindings.cron' && scopes?.includes(appId),
    );
    expect(bindings.map(({ metadata }) => `/${metadata.name}`).sort()).toEqual(
      paths(routes, 'cron'),
    );
  });

  it('delivers each topic to the handler that takes it for that topic', async () => {
    const taken: [route: string, topic: string][] = [];
    let path = '';
    const eventHandler = {
      handle: (topic: string) => {
        taken.push([path, topic]);
        return Promise.resolve('SUCCESS' as const);
      },
      handleDeadLetter: () => {
        taken.push([path, topics.deadLetter]);
        return Promise.resolve('SUCCESS' as const);
      },
      replay: () => Promise.reject(new Error('nobody replays')),
    };
    for (const route of dashboardRoutes({ eventHandler, resyncLoop: {} as never })) {
      path = route.path;
      if (route.kind === 'subscription') await route.handler({}, {} as never);
    }

    const subscribed = subscriptions
      .filter(({ scopes }) => scopes.includes(defaultOf(dashboardEnv, 'APP_ID')))
      .map(({ routes: { default: route }, topic }) => [route, topic]);
    expect(taken.sort()).toEqual(subscribed.sort());
  });

  it('delivers each topic to bud-metrics where it is read as that topic', () => {
    const own = subscriptions.filter(({ scopes }) =>
      scopes.includes(defaultOf(metricsEnv, 'APP_ID')),
    );
    expect(own.length).toBeGreaterThan(1);
    expect(Object.fromEntries(own.map(({ topic, routes }) => [routes.default, topic]))).toEqual(
      eventTopics,
    );
  });

  it('keeps what either service drops in a dead letter, but for the dead letter itself', () => {
    expect(subscriptions.length).toBeGreaterThan(8);
    for (const { topic, deadLetterTopic } of subscriptions)
      expect(deadLetterTopic).toBe(topic === topics.deadLetter ? undefined : topics.deadLetter);
  });

  it('retries where the code does not: the broker and bud-cluster', () => {
    const { policies, targets } = ofKind('Resiliency')[0]?.spec as unknown as {
      policies: Record<string, Record<string, unknown>>;
      targets: {
        components: Record<string, { inbound: { retry: string } }>;
        apps: Record<string, { retry: string; circuitBreaker: string }>;
      };
    };
    expect(Object.keys(targets.components)).toEqual([defaultOf(dashboardEnv, 'PUBSUB_NAME')]);
    expect(Object.keys(targets.apps)).toEqual([budCluster]);
    const used = [
      ...Object.values(targets.components).map(({ inbound }) => `retries/${inbound.retry}`),
      ...Object.values(targets.apps).flatMap(({ retry, circuitBreaker }) => [
        ...[`retries/${retry}`, `circuitBreakers/${circuitBreaker}`],
      ]),
    ];
    const defined = Object.entries(policies).flatMap(([kind, of]) =>
      Object.keys(of).map((name) => `${kind}/${name}`),
    );
    expect(used.sort()).toEqual(defined.sort());
  });

  it('leaves every deadline to the code: daprd crashes when the caller gives up under its own', () => {
    const keys = (value: unknown): string[] =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).flatMap(([key, inner]) => [key, ...keys(inner)])
        : [];
    for (const { spec } of ofKind('Resiliency')) {
      const { policies, targets } = spec as Record<string, unknown>;
      expect(keys(policies)).not.toContain('timeouts');
      expect(keys(targets)).not.toContain('timeout');
    }
  });
});
