import type { ApiError } from '@bud-monitoring/service-kit';
import { clusterIdOf } from '../../domain/promql/cluster-label.js';
import { QueueFull, type FairQueue } from '../../domain/prometheus-api/upstream/fair-queue.js';
import { tooMany } from './errors.js';

/** What the queue of a cluster would say to a request, by its URL alone; nothing of requests over the fleet. */
export function queueRefusal(
  queue: Pick<FairQueue, 'isFull'>,
): (url: string) => ApiError | undefined {
  // There may be thousands a second.
  const refusal = tooMany(new QueueFull());
  return (url) => {
    const [, label] = /^\/clusters\/([^/?]+)\/prometheus\//.exec(url) ?? [];
    const cluster = label === undefined ? null : clusterIdOf(label);
    return cluster !== null && queue.isFull(cluster) ? refusal : undefined;
  };
}
