import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { service, startStack, type Stack } from '@bud-monitoring/stack';
import { readdirSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

const FOLDER = new URL('../../components/', import.meta.url);
const resourceSchema = z.looseObject({ kind: z.string() });
const subscriptionSchema = z.object({
  spec: z.object({
    topic: z.string(),
    routes: z.object({ default: z.string() }),
  }),
  scopes: z.array(z.string()).length(1),
});

const resources = readdirSync(FOLDER)
  .flatMap((file) => parseAllDocuments(readFileSync(new URL(file, FOLDER), 'utf8')))
  .map((document) => resourceSchema.parse(document.toJS()));
const subscriptions = resources
  .filter(({ kind }) => kind === 'Subscription')
  .map((resource) => subscriptionSchema.parse(resource));

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
