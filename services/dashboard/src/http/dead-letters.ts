import { deadLetterListSchema, deadLetterSchema } from '@bud-monitoring/contracts';
import {
  ApiError,
  defineRoute,
  maySeeCluster,
  type Caller,
  type Route,
} from '@bud-monitoring/service-kit';
import { z } from 'zod';
import type { DeadLetter } from '../domain/events/dead-letter.js';
import type { DeadLetters } from '../domain/events/dead-letters.js';
import type { EventHandler } from '../domain/events/event-handler.js';
import { pageQuery } from './dashboards.js';
import { toDeadLetterResponse } from './responses.js';
import { orUnavailable } from './store-down.js';

/** Events that were refused: to be listed, and to be replayed once their cause is fixed. */
export function deadLetterRoutes(options: {
  deadLetters: DeadLetters;
  eventHandler: EventHandler;
}): Route[] {
  const { deadLetters, eventHandler } = options;

  return [
    defineRoute({
      method: 'get',
      path: '/dead-letters',
      permission: 'cluster:view',
      summary: 'Events that were not taken, newest first',
      object: 'dead-letters',
      query: z.object({ ...pageQuery, after: z.string().min(1).optional() }),
      data: deadLetterListSchema,
      handler: async ({ query, caller }) => {
        const page = await orUnavailable(() =>
          deadLetters.list({
            after: query.after ?? null,
            limit: query.limit,
            maySee: (clusterId) => maySee(caller, clusterId),
          }),
        );
        return {
          data: { dead_letters: page.deadLetters.map(toDeadLetterResponse), next: page.next },
          message: `${page.deadLetters.length} dead letters`,
        };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/dead-letters/{id}/replay',
      permission: 'cluster:manage',
      summary: 'Take an event again, at its original time',
      object: 'dead-letter',
      params: z.object({
        id: z.string().regex(/^[0-9a-f]{32}$/, 'must be the id of a dead letter'),
      }),
      data: deadLetterSchema,
      statuses: [200, 404, 422],
      handler: async ({ params, caller }) => {
        const deadLetter = await orUnavailable(() => deadLetters.get(params.id));
        if (deadLetter === null || !maySee(caller, deadLetter.clusterId))
          throw ApiError.notFound('Dead letter not found');
        const result = await orUnavailable(() => eventHandler.replay(deadLetter));
        if (!result.ok) throw ApiError.unprocessable(`The event cannot be taken: ${result.reason}`);
        return { data: toDeadLetterResponse(result.deadLetter), message: 'The event was taken' };
      },
    }),
  ];
}

/** An event that names no cluster is visible only to callers who may see all clusters. */
function maySee(caller: Caller, clusterId: DeadLetter['clusterId']): boolean {
  return clusterId === null ? caller.clusters === 'all' : maySeeCluster(caller, clusterId);
}
