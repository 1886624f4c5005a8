import { dashboardApi, type ClusterId } from '@bud-monitoring/contracts';
import {
  ApiError,
  defineRoute,
  maySeeCluster,
  type Caller,
  type Route,
} from '@bud-monitoring/service-kit';
import { z } from 'zod';
import type { DeadLetter } from '../domain/events/dead-letter.js';
import type { DeadLetters } from '../domain/events/dead-letter-store.js';
import type { EventHandler } from '../domain/events/event-handler.js';
import { toDeadLetterResponse } from './responses.js';
import { orUnavailable } from './store-down.js';

const params = z.object({
  id: z.string().regex(/^[0-9a-f]{32}$/, 'must be the id of a dead letter'),
});

/** Events that were refused: to be listed, and to be replayed once their cause is fixed. */
export function deadLetterRoutes(options: {
  deadLetters: DeadLetters;
  eventHandler: EventHandler;
}): Route[] {
  const { deadLetters, eventHandler } = options;

  async function find(id: string, caller: Caller): Promise<DeadLetter> {
    const deadLetter = await orUnavailable(() => deadLetters.get(id));
    if (deadLetter === null || !maySee(caller, deadLetter.clusterId))
      throw ApiError.notFound('Dead letter not found');
    return deadLetter;
  }

  const deleted = (count: number) => ({
    data: { deleted: count },
    message: `${count} dead letters deleted`,
  });

  return [
    defineRoute({
      ...dashboardApi.listDeadLetters,
      permission: 'cluster:view',
      summary: 'Events that were not taken, newest first',
      handler: async ({ query, caller }) => {
        const page = await orUnavailable(() =>
          deadLetters.list({
            after: query.cursor ?? query.after ?? null,
            limit: query.limit,
            maySee: (clusterId) => maySee(caller, clusterId),
          }),
        );
        return {
          data: {
            dead_letters: page.deadLetters.map(toDeadLetterResponse),
            next: page.next,
            total: page.total,
          },
          message: `${page.deadLetters.length} dead letters of ${page.total}`,
        };
      },
    }),
    defineRoute({
      ...dashboardApi.deleteDeadLetters,
      permission: 'cluster:manage',
      summary: 'Delete all dead letters that the caller may see',
      handler: ({ caller }) =>
        orUnavailable(async () =>
          deleted(
            await deadLetters.remove(
              await deadLetters.ids((clusterId) => maySee(caller, clusterId)),
            ),
          ),
        ),
    }),
    defineRoute({
      ...dashboardApi.getDeadLetter,
      permission: 'cluster:view',
      summary: 'An event that was not taken, with its text',
      params,
      statuses: [200, 404],
      handler: async ({ params, caller }) => {
        const deadLetter = await find(params.id, caller);
        const data = { ...toDeadLetterResponse(deadLetter), message: deadLetter.message };
        return { data, message: deadLetter.reason };
      },
    }),
    defineRoute({
      ...dashboardApi.deleteDeadLetter,
      permission: 'cluster:manage',
      summary: 'Delete a dead letter',
      params,
      statuses: [200, 404],
      handler: async ({ params, caller }) => {
        const { id } = await find(params.id, caller);
        return deleted(await orUnavailable(() => deadLetters.remove([id])));
      },
    }),
    defineRoute({
      ...dashboardApi.replayDeadLetter,
      permission: 'cluster:manage',
      summary: 'Take an event again, at its original time',
      params,
      statuses: [200, 404, 422],
      handler: async ({ params, caller }) => {
        const deadLetter = await find(params.id, caller);
        const result = await orUnavailable(() => eventHandler.replay(deadLetter));
        if (!result.ok) throw ApiError.unprocessable(`The event cannot be taken: ${result.reason}`);
        return { data: toDeadLetterResponse(result.deadLetter), message: 'The event was taken' };
      },
    }),
  ];
}

/** An event that names no cluster is visible only to callers who may see all clusters. */
function maySee(caller: Caller, clusterId: ClusterId | null): boolean {
  return clusterId === null ? caller.clusters === 'all' : maySeeCluster(caller, clusterId);
}
