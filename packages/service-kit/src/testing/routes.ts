import { z } from 'zod';
import { defineRoute, type Route } from '../http/route.js';

/** A well-formed cluster id. */
export const id = '0b9b1f1e-6f0f-4a3e-9d53-3f6d3c9d4a11';

/** Echoes what the handler was given. */
export const echo = defineRoute({
  method: 'get',
  path: '/clusters/{cluster_id}/things/{name}',
  summary: 'Echo',
  object: 'test.echo',
  permission: 'cluster:view',
  query: z.object({
    time_range: z.enum(['10min', 'today']).default('today'),
    node: z.array(z.string()).default([]),
    step: z.string().regex(/^\d+$/, 'must be a whole number').optional(),
  }),
  statuses: [202],
  data: z.unknown(),
  handler: ({ params, query }) => ({
    data: { params, query },
    message: 'Echoed',
    status: 202,
    headers: { 'X-Cache': 'miss' },
  }),
});

/** Changes something by its JSON body. */
export const put = defineRoute({
  method: 'put',
  path: '/things',
  summary: 'Change',
  object: 'test.change',
  permission: 'cluster:manage',
  body: z.strictObject({ enabled: z.boolean(), limits: z.object({ low: z.number() }).optional() }),
  data: z.unknown(),
  handler: ({ body }) => ({ data: body, message: 'Changed' }),
});

/** A GET route at /x that does what it is told. */
export function acting(act: () => unknown, timeoutMs?: number): Route {
  return defineRoute({
    method: 'get',
    path: '/x',
    summary: 'Acts',
    object: 'test.act',
    permission: 'public',
    data: z.unknown(),
    ...(timeoutMs !== undefined && { timeoutMs }),
    handler: async () => ({ data: await act(), message: 'Done' }),
  });
}
