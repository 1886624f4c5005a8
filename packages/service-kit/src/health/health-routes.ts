import { z } from 'zod';
import { runDetached } from '@bud-monitoring/client';
import { stackHealthSchema, type StackHealth } from '@bud-monitoring/contracts';
import type { Registry } from 'prom-client';
import { ApiError } from '../http/errors/api-error.js';
import { defineRawRoute, defineRoute, type Route } from '../http/route.js';
import type { Lifecycle } from '../run/lifecycle.js';

export interface HealthSource {
  /** Why this replica is not ready, a few words each; an empty list means ready. */
  ready(): Promise<string[]>;
  stack(): Promise<StackHealth>;
}

interface HealthRouteOptions {
  name: string;
  version: string;
  health: HealthSource;
  lifecycle: Lifecycle;
  registry: Registry;
}

/** Longest a readiness check may take (ms): probes time out soon after. */
const readyDeadlineMs = 3000;

/** `/health`, `/ready`, `/health/stack` and `/metrics`, open to everybody. */
export function healthRoutes(options: HealthRouteOptions): Route[] {
  const { name, version, health, lifecycle, registry } = options;
  const shared = { method: 'get', permission: 'public' } as const;
  const oneStack = sharedRun(() => health.stack());
  return [
    defineRoute({
      ...shared,
      path: '/health',
      summary: 'Whether the process lives',
      object: 'service.health',
      data: z.object({
        status: z.literal('alive').meta({ description: 'It answers' }),
        name: z.string().meta({ description: 'Of the service' }),
        version: z.string().meta({ description: 'Of the release' }),
      }),
      example: {
        answers: {
          200: {
            object: 'service.health',
            message: `${name} is alive`,
            data: { status: 'alive', name, version },
          },
        },
      },
      handler: () => ({ data: { status: 'alive', name, version }, message: `${name} is alive` }),
    }),
    defineRoute({
      ...shared,
      path: '/ready',
      summary: 'Whether this replica can do its work; 503 lists what it lacks',
      object: 'service.readiness',
      statuses: [503],
      data: z.object({ status: z.literal('ready').meta({ description: 'It may get requests' }) }),
      example: {
        answers: {
          200: {
            object: 'service.readiness',
            message: `${name} is ready`,
            data: { status: 'ready' },
          },
        },
      },
      handler: async () => {
        const lacks = await lacking(health, lifecycle);
        if (lacks.length > 0) {
          throw new ApiError('ServiceUnavailableError', `Not ready: ${lacks.join(', ')}`, {
            details: lacks.map((message) => ({ message })),
            retryAfterSeconds: 2,
          });
        }
        return { data: { status: 'ready' }, message: `${name} is ready` };
      },
    }),
    {
      ...defineRoute({
        ...shared,
        path: '/health/stack',
        summary: 'How each part of the monitoring stack is; 503 when one is unhealthy',
        object: 'service.stack-health',
        data: stackHealthSchema,
        example: { answers: { 200: stackExample('healthy'), 503: stackExample('unhealthy') } },
        handler: async () => {
          const data = await oneStack();
          const bad = Object.keys(data).filter((part) => data[part]?.status === 'unhealthy');
          return bad.length === 0
            ? { data, message: 'No part is unhealthy' }
            : { data, message: `Unhealthy: ${bad.join(', ')}`, status: 503 };
        },
      }),
      answerStatuses: [200, 503],
    },
    defineRawRoute({
      ...shared,
      path: '/metrics',
      summary: "The service's own metrics, in Prometheus' text format",
      produces: 'text/plain',
      example: {
        answers: {
          200: '# HELP process_open_fds Open file descriptors.\n# TYPE process_open_fds gauge\nprocess_open_fds 42\n',
        },
      },
      handler: async (_context, _request, response) => {
        response.type(registry.contentType).send(await registry.metrics());
      },
    }),
  ];
}

function stackExample(grafana: 'healthy' | 'unhealthy') {
  return {
    object: 'service.stack-health',
    message: grafana === 'healthy' ? 'No part is unhealthy' : 'Unhealthy: grafana',
    data: {
      sidecar: { status: 'healthy', details: { version: '1.18.3' } },
      grafana: { status: grafana, details: { database: 'ok' } },
    },
  };
}

async function lacking(health: HealthSource, lifecycle: Lifecycle): Promise<string[]> {
  if (lifecycle.state !== 'running') return [`the service is ${lifecycle.state}`];
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string[]>((resolve) => {
    timer = setTimeout(() => resolve(['the readiness check is late']), readyDeadlineMs);
  });
  try {
    return await Promise.race([health.ready(), late]);
  } catch {
    return ['the readiness check failed'];
  } finally {
    clearTimeout(timer);
  }
}

/** Callers at the same time share one run: the route is open to all, and a run asks every upstream. */
function sharedRun<T>(run: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= runDetached(run).finally(() => {
      running = undefined;
    });
    return running;
  };
}
