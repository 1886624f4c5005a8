import type { Cluster, ClusterMetrics } from '@bud-monitoring/contracts';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { useApi } from '../../app/api';
import { useRequest, type Request } from '../../parts/hooks/use-request';
import { useStream, type StreamStatus } from '../../parts/hooks/use-stream';
import { useZone } from '../../parts/values/zone';
import type { Range } from './cluster-url';
import { metricsQuery } from './metrics-query';

const SUMMARY_MS = 20_000;
const SERIES_MS = 60_000;

/** A cluster at a glance, as the list of the fleet has it. */
export function useSummary(id: string): Request<Cluster> {
  const { client } = useApi();
  const load = useCallback(
    (signal: AbortSignal) => client.getCluster(id, { signal }),
    [client, id],
  );
  return useRequest(load, { refreshMs: SUMMARY_MS });
}

/** Figures of a range: with series by request, and between requests without, by the stream. */
export interface Figures {
  request: Request<ClusterMetrics>;
  /** The newest figures, without series where the stream brought them. */
  newest: ClusterMetrics | null;
  /** When those came, Unix seconds. */
  at: number;
  stream: StreamStatus;
}

/** `nodes` as the summary has them; nothing is asked before they are known (undefined). */
export function useFigures(id: string, range: Range, nodes: number | undefined): Figures {
  const { client, streams } = useApi();
  const { zone } = useZone();
  const [streamed, setStreamed] = useState<{ data: ClusterMetrics; at: number } | null>(null);

  const load = useCallback(
    (signal: AbortSignal) => {
      const cluster = { nodes: nodes ?? 0, zone, now: Math.floor(Date.now() / 1000) };
      return client.getClusterMetrics(id, metricsQuery(range, cluster), { signal });
    },
    [client, id, range, zone, nodes],
  );
  const request = useRequest(nodes === undefined ? null : load, { refreshMs: SERIES_MS });

  const open = useCallback(
    (signal: AbortSignal) =>
      streams.streamClusterMetrics(id, { time_range: range.name, timezone: zone }, { signal }),
    [streams, id, range, zone],
  );
  useEffect(() => setStreamed(null), [open]);
  const take = useCallback(
    (data: ClusterMetrics) => setStreamed({ data, at: Date.now() / 1000 }),
    [],
  );
  // A range with an end does not change.
  const stream = useStream(range.name === undefined || nodes === undefined ? null : open, take);

  const isNewer = streamed !== null && streamed.at > request.at;
  return {
    request,
    newest: isNewer ? streamed.data : request.data,
    at: isNewer ? streamed.at : request.at,
    stream,
  };
}
