import { randomUUID } from 'node:crypto';
import { createDapr, type Dapr } from '@bud-monitoring/client/dapr';
import { service, startStack, type Stack } from '@bud-monitoring/stack';
import type { FakeGrafana } from '../../../stack/src/fakes/fake-grafana/server.js';

/** bud-dashboard as a process, with a real sidecar and Redis, against the fake Grafana. */
export interface Live extends AsyncDisposable {
  stack: Stack;
  grafana: FakeGrafana;
  dapr: Dapr;
  /** Calls the service as somebody who may do everything, or with the token given. */
  call(method: string, path: string, options?: { token?: string; body?: unknown }): Promise<Answer>;
  /** Publishes; resolves once the broker has taken the event. */
  publish(topic: string, data: unknown, event?: { id?: string; time?: string }): Promise<void>;
  token(claims?: Partial<Parameters<Stack['identity']['mintToken']>[0]>): Promise<string>;
  /** Asks again until the answer is as wanted; fails with the last one otherwise. */
  until(path: string, wanted: (answer: Answer) => boolean, timeoutMs?: number): Promise<Answer>;
}

export interface Answer {
  status: number;
  body: { object?: string; code?: number; message?: string; data?: Record<string, unknown> };
}

/** `resources` is the folder of Dapr components, where it is not the product's own. */
export async function startLive(
  environment: Record<string, string> = {},
  { resources }: { resources?: string } = {},
): Promise<Live> {
  const dashboard = {
    ...service('dashboard', environment),
    ...(resources !== undefined && { sidecar: { resources } }),
  };
  const stack = await startStack({ grafana: true, apps: [dashboard] });
  const { grafana } = stack;
  if (grafana === undefined) throw new Error('the stack has no Grafana');
  const app = stack.app('bud-dashboard');
  const dapr = createDapr({ baseUrl: app.sidecar.url, apiToken: app.sidecar.apiToken });
  const token: Live['token'] = (claims) =>
    stack.identity.mintToken({ permissions: ['cluster:manage'], ...claims });
  const everybody = await token();

  const call: Live['call'] = async (method, path, options = {}) => {
    const { token: bearer = everybody, body } = options;
    const response = await fetch(`${app.url}${path}`, {
      method,
      signal: AbortSignal.timeout(10_000),
      headers: {
        ...(bearer !== '' && { authorization: `Bearer ${bearer}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  };

  return {
    stack,
    grafana,
    dapr,
    call,
    token,
    async publish(topic, data, { id = randomUUID(), time } = {}) {
      const cloudEvent = { id, source: 'test', ...(time !== undefined && { time }) };
      const deadline = performance.now() + 15_000;
      for (;;) {
        try {
          await dapr.publish('pubsub', topic, data, { cloudEvent });
          return;
        } catch (error) {
          // After a restart of Redis daprd fails for a moment.
          if (performance.now() > deadline) throw error;
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
      }
    },
    async until(path, wanted, timeoutMs = 15_000) {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        const answer = await call('GET', path).catch(() => null);
        if (answer !== null && wanted(answer)) return answer;
        if (performance.now() > deadline) {
          const log = app.process?.logs().split('\n').slice(-40).join('\n');
          throw new Error(`${path} still answers ${JSON.stringify(answer)}; it logged\n${log}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async [Symbol.asyncDispose]() {
      await dapr.stop();
      await stack.stop();
    },
  };
}
