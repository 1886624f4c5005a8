import { streamsApi, type AlertFilter } from '@bud-monitoring/contracts';
import {
  defineRawRoute,
  maySeeCluster,
  type Caller,
  type Route,
} from '@bud-monitoring/service-kit';
import type { Hub } from '../../adapters/live/hub.js';
import type { AlertReader } from '../../domain/alerts/alert-reader.js';
import type { Clock } from '../../ports.js';
import { frameOf, type FrameContent } from './frame.js';
import { serveStream } from './serve-stream.js';

/** The alerts of all clusters that the caller may see, whenever one of them changes. */
export function alertStream(options: { alerts: AlertReader; hub: Hub; clock: Clock }): Route {
  const { alerts, hub, clock } = options;
  return defineRawRoute({
    ...streamsApi.streamAlerts,
    summary: 'Alerts of all clusters that the caller may see, as server-sent events',
    description:
      'Needs `Accept: text/event-stream`. Events are `alerts`, with all that `/alerts` lists on its pages, whenever an alert changed, and `failure`, with an error. With `Last-Event-ID` what the caller has is not sent again.',
    permission: 'cluster:view',
    statuses: [406],
    timeoutMs: null,
    produces: 'text/event-stream',
    async handler(context, request, response) {
      const { query, caller, requestId } = context;
      const content = async (signal: AbortSignal): Promise<FrameContent> => {
        const maySee = (cluster: string) => maySeeCluster(caller, cluster);
        const listed = await alerts.listAll(query, maySee, signal);
        const data = { ...listed, next: null, total: listed.alerts.length };
        return {
          event: 'alerts',
          body: { object: 'alerts', message: 'Alerts', data },
          identity: [listed.alerts, listed.warnings],
        };
      };
      await serveStream(
        context,
        { request, response, clock },
        {
          check: () => Promise.resolve(),
          join: (stream, lastId) =>
            hub.join(
              keyOf(query, caller),
              (signal) => frameOf(() => content(signal), requestId),
              { send: (bytes) => stream.send(bytes), end: () => stream.end() },
              lastId,
            ),
        },
      );
    },
  });
}

/** Everything that the frames depend on. */
function keyOf(query: AlertFilter, { clusters }: Caller): string {
  const seen = clusters === 'all' ? null : [...clusters].sort();
  const { state, severity, metric, cluster_id: asked } = query;
  return JSON.stringify(['alerts', seen, state, severity, metric, asked]);
}
