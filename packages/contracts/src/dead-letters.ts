import { z } from 'zod';
import { afterSchema, nextSchema, pageQuery } from './api/page.js';
import { clusterIdSchema } from './cluster-id.js';
import { optionalText } from './api/figure.js';

const deadLetterShape = {
  id: z.string().meta({ description: 'Names it in this API' }),
  topic: z.string().meta({ description: 'Where it came from' }),
  reason: z.string().meta({ description: 'Why it was not taken' }),
  cluster_id: clusterIdSchema.nullable().meta({ description: 'Null where it names none' }),
  source: optionalText('CloudEvent source; null where it has none'),
  event_id: optionalText('CloudEvent id; null where it has none'),
  payload: z.string().meta({ description: 'Its data as JSON text, cut to 500 characters' }),
  received_at: z.string().meta({ description: 'When it was stored, ISO 8601' }),
  replayed_at: optionalText('When it was last replayed with success, ISO 8601'),
  bytes: z.int().meta({ description: 'Bytes of the whole event' }),
  truncated: z.boolean().meta({
    description: 'Only the first part of the event is stored, so that it cannot be replayed',
  }),
};

/** An event that was not taken, and why. */
export const deadLetterSchema = z.object(deadLetterShape).meta({ id: 'DeadLetter' });
export type DeadLetter = z.infer<typeof deadLetterSchema>;

/** `GET /dead-letters/{id}`. */
export const deadLetterDetailsSchema = z
  .object({
    ...deadLetterShape,
    message: z.string().meta({ description: 'The event as JSON text, or its first part' }),
  })
  .meta({ id: 'DeadLetterDetails' });
export type DeadLetterDetails = z.infer<typeof deadLetterDetailsSchema>;

/** The query of `GET /dead-letters`. */
export const deadLetterQuerySchema = z.object({ ...pageQuery, after: afterSchema });

/** `GET /dead-letters`: newest first. */
export const deadLetterListSchema = z
  .object({
    dead_letters: z.array(deadLetterSchema).meta({ description: 'One page, the newest first' }),
    next: nextSchema,
    total: z.int().meta({ description: 'How many there are on all pages' }),
  })
  .meta({ id: 'DeadLetterList' });
export type DeadLetterList = z.infer<typeof deadLetterListSchema>;

/** `DELETE /dead-letters` and `DELETE /dead-letters/{id}`. */
export const deletedSchema = z.object({
  deleted: z.int().meta({ description: 'How many were deleted' }),
});
