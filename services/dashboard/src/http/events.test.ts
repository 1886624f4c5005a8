import { expect, it } from '@jest/globals';
import type { EventHandler } from '../domain/events/event-handler.js';
import type { ResyncLoop } from '../domain/resync/resync-loop.js';
import { StoreDown } from '../ports.js';
import { eventRoutes } from './events.js';

it('says of a tick while the state store is down that it may be tried again', async () => {
  const resyncLoop = {
    tick: () => Promise.reject(new StoreDown('dapr could not be reached')),
  } as unknown as ResyncLoop;
  const routes = eventRoutes({ eventHandler: {} as EventHandler, resyncLoop });
  const cron = routes.find(({ kind }) => kind === 'cron');
  const handled = cron?.kind === 'cron' ? cron.handler({} as never) : undefined;
  await expect(handled).rejects.toMatchObject({ status: 503, retryAfterSeconds: 5 });
});
