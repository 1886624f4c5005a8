import { deadLetterListSchema, deadLetterSchema } from '@bud-monitoring/contracts';
import {
  ApiError,
  defineRoute,
  maySeeCluster,
  type Caller,
  type Route,
} from '@bud-monitoring/service-kit';
import { z } from 'zod';
import type { DeadLetters, Letter } from '../domain/events/dead-letters.js';
import type { Delivery } from '../domain/events/event-handler.js';
import { pageQuery } from './dashboards.js';
import { presentLetter } from './responses.js';
import { orUnavailable } from './store-down.js';

/** Events that were not taken: to be seen, and to be taken again once what was wrong is mended. */
export function deadLetterRoutes(options: {
  deadLetters: DeadLetters;
  delivery: Delivery;
}): Route[] {
  const { deadLetters, delivery } = options;

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
        const { letters, next } = await orUnavailable(() =>
          deadLetters.list({
            after: query.after ?? null,
            limit: query.limit,
            maySee: (clusterId) => maySee(caller, clusterId),
          }),
        );
        return {
          data: { dead_letters: letters.map(presentLetter), next },
          message: `${letters.length} dead letters`,
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
        const letter = await orUnavailable(() => deadLetters.get(params.id));
        if (letter === null || !maySee(caller, letter.clusterId))
          throw ApiError.notFound('Dead letter not found');
        const result = await orUnavailable(() => delivery.replay(letter));
        if (!result.ok) throw ApiError.unprocessable(`The event cannot be taken: ${result.reason}`);
        return { data: presentLetter(result.letter), message: 'The event was taken' };
      },
    }),
  ];
}

/** An event of no cluster in particular concerns only those who may see all. */
function maySee(caller: Caller, clusterId: Letter['clusterId']): boolean {
  return clusterId === null ? caller.clusters === 'all' : maySeeCluster(caller, clusterId);
}
