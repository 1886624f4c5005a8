import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topics } from '@bud-monitoring/contracts';
import { commonEnv } from '@bud-monitoring/service-kit';
import { service, startStack, type Stack } from '@bud-monitoring/stack';
import { readdirSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

const FOLDER = new URL('../../components/', import.meta.url);
const resourceSchema = z.looseObject({
  kind: z.string(),
  metadata: z.object({ name: z.string() }),
});
const subscriptionSchema = z.object({
  spec: z.object({
    pubsubname: z.string(),
    topic: z.string(),
    routes: z.object({ default: z.string() }),
    deadLetterTopic: z.string().optional(),
  }),
  scopes: z.array(z.string()).length(1),
});

const resources = readdirSync(FOLDER)
  .flatMap((file) => parseAllDocuments(readFileSync(new URL(file, FOLDER), 'utf8')))
  .map((document) => resourceSchema.parse(document.toJS()));
const components = resources.filter(({ kind }) => kind === 'Component');
const subscriptions = resources
  .filter(({ kind }) => kind === 'Subscription')
  .map((resource) => subscriptionSchema.parse(resource));

describe('components/', () => {
  it('has the names that the services ask for by default', () => {
    const names = components.map(({ metadata }) => metadata.name);
    expect(names).toContain(commonEnv.PUBSUB_NAME.parse(undefined));
    expect(names).toContain(commonEnv.STATE_STORE_NAME.parse(undefined));
  });

  it('names only topics of the contract', () => {
    const named = subscriptions.flatMap(({ spec }) => [spec.topic, spec.deadLetterTopic]);
    const known = new Set<string | undefined>([...Object.values(topics), undefined]);
    expect(named.filter((topic) => !known.has(topic))).toEqual([]);
  });
});

describe('a subscription', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({
      prometheus: true,
      grafana: true,
      apps: [service('metrics'), service('dashboard')],
    });
  }, 60_000);
  afterAll(() => stack.stop());

  it.each(subscriptions.map(({ scopes, spec }) => [scopes[0]!, spec.topic, spec.routes.default]))(
    'leads to a route of %s that is for the sidecar alone: %s',
    async (appId, topic, route) => {
      const { url, sidecar } = stack.app(appId);
      const deliver = (headers: Record<string, string>) =>
        fetch(`${url}${route}`, {
          method: 'POST',
          headers: { 'content-type': 'application/cloudevents+json', ...headers },
          body: JSON.stringify({ topic, data: {} }),
        }).then(({ status }) => status);

      expect(await deliver({})).toBe(403);
      expect(await deliver({ 'dapr-api-token': sidecar.appToken })).toBe(200);
      const invoked = { 'dapr-api-token': sidecar.appToken, 'dapr-caller-app-id': 'bud-cluster' };
      expect(await deliver(invoked)).toBe(403);
    },
  );
});
