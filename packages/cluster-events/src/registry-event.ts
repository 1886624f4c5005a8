import { clusterEventDataSchema, type ClusterId } from '@bud-monitoring/contracts';
import { z } from 'zod';

export type RegistryEventKind = 'created' | 'updated' | 'deleted';

/** A cluster event as the cluster registry of bud-metrics keeps it. */
export interface RegistryEvent {
  readonly kind: RegistryEventKind;
  readonly clusterId: ClusterId;
  readonly name: string | null;
  /** CloudEvent time, Unix ms. */
  readonly time: number;
}

const cloudEvent = z.object({
  time: z.string().optional(),
  // Some publishers send the data as text.
  data: z.preprocess(
    (data) => (typeof data === 'string' ? parsed(data) : data),
    clusterEventDataSchema,
  ),
});

/**
 * Reads a delivery; null for one that can never be used. `now` (Unix ms) stands in for a missing time.
 */
export function readRegistryEvent(
  kind: RegistryEventKind,
  body: unknown,
  now: number,
): RegistryEvent | null {
  const event = cloudEvent.safeParse(body);
  if (!event.success) return null;
  const { time, data } = event.data;
  const at = time === undefined ? now : Date.parse(time);
  return {
    kind,
    clusterId: data.cluster_id,
    name: data.name ?? null,
    time: Number.isNaN(at) ? now : at,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
