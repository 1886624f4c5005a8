import type { ClusterMetrics, MetricFields } from '@bud-monitoring/contracts';
import { useCallback, useState } from 'preact/hooks';
import { useApi } from '../../app/api';
import { useStream, type StreamStatus } from '../../parts/hooks/use-stream';

/** The GPUs of a cluster together; null for one that has none. */
export type Gpus = MetricFields<'gpu'> | null;

/** The GPUs of some clusters, by cluster id, by one stream for all of them. `ids` are separated by spaces. */
export function useGpus(ids: string): { gpus: ReadonlyMap<string, Gpus>; stream: StreamStatus } {
  const { streams } = useApi();
  const [gpus, setGpus] = useState<ReadonlyMap<string, Gpus>>(new Map());
  const open = useCallback(
    (signal: AbortSignal) =>
      streams.streamMetrics(
        { cluster_id: ids.split(' '), metric_type: 'gpu', time_range: '10min' },
        { signal },
      ),
    [streams, ids],
  );
  const take = useCallback(({ cluster_id: id, cluster_summary: summary }: ClusterMetrics) => {
    setGpus((before) => new Map(before).set(id, summary.gpu ?? null));
  }, []);
  const stream = useStream(ids === '' ? null : open, take);
  return { gpus, stream };
}
