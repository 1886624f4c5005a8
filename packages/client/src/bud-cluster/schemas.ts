import { z } from 'zod';

const text = z.string().nullish().default(null);

const nodeSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    internal_ip: text,
    status: z.boolean().nullish().default(null),
    // A list by contract; a single object and nothing at all have been seen.
    hardware_info: z.unknown().optional(),
  })
  .transform(({ id, name, internal_ip, status, hardware_info }) => ({
    id,
    name,
    internalIp: internal_ip,
    status,
    devices: [hardware_info].flat().filter(isRecord),
  }));

const nodeList = z.object({ nodes: z.array(nodeSchema) });

/** Older versions put the list under `param`, others at the top or under `data`. */
export const nodesAnswer = z.union([
  z.object({ param: nodeList }).transform(({ param }) => param.nodes),
  z.object({ data: nodeList }).transform(({ data }) => data.nodes),
  nodeList.transform(({ nodes }) => nodes),
]);

export const eventsCountAnswer = z
  .object({ data: z.record(z.string(), z.int().nonnegative()) })
  .transform(({ data }) => data);

const eventSchema = z
  .object({
    type: text,
    reason: text,
    message: text,
    count: z.int().nullish(),
    first_timestamp: text,
    last_timestamp: text,
    source: z.object({ component: text, host: text }).nullish(),
  })
  .transform((event) => ({
    type: event.type,
    reason: event.reason,
    message: event.message,
    // Kubernetes leaves the count out of an event that happened once.
    count: event.count ?? 1,
    firstTimestamp: event.first_timestamp,
    lastTimestamp: event.last_timestamp,
    source: event.source ?? { component: null, host: null },
  }));

export const nodeEventsAnswer = z
  .object({ data: z.object({ events: z.array(eventSchema) }) })
  .transform(({ data }) => data.events);

/** The envelope of an error; it comes with HTTP 200 too. */
export const errorAnswer = z.object({
  object: z.literal('error'),
  code: z.int().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
});

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
