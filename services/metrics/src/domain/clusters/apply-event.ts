import { clusterEventDataSchema, type ClusterId } from '@bud-monitoring/contracts';
import { z } from 'zod';
import type { ClusterRecord } from '../../ports.js';

export type EventKind = 'created' | 'updated' | 'deleted';

/** A cluster event as it counts here. */
export interface ClusterEvent {
  readonly kind: EventKind;
  readonly clusterId: ClusterId;
  readonly name: string | null;
  /** CloudEvent time, ms. */
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

/** Reads a delivery; `null` for one that can never be used. Without a time it happened now. */
export function readEvent(kind: EventKind, body: unknown, now: number): ClusterEvent | null {
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

/** The record after an event, `null` where the event changes nothing: older, or seen before. */
export function applyEvent(
  current: ClusterRecord | null,
  { kind, clusterId, name, time }: ClusterEvent,
): ClusterRecord | null {
  const deleted = kind === 'deleted';
  if (current !== null) {
    if (time < current.time) return null;
    // At the same time deletion wins, whichever came first.
    if (time === current.time && (!deleted || current.state === 'deleted')) return null;
  }
  return {
    clusterId,
    state: deleted ? 'deleted' : 'present',
    name: name ?? current?.name ?? null,
    time,
  };
}
