import type { z } from 'zod';
import type {
  deadLetterDetailsSchema,
  deadLetterListSchema,
  deadLetterSchema,
  deletedSchema,
} from '../dead-letters.js';

export const deadLetter: z.input<typeof deadLetterSchema> = {
  id: '5f1c0b4e9a7d3c215f1c0b4e9a7d3c21',
  topic: 'cluster-created',
  reason: 'data.cluster_id is missing: it has clusterId instead',
  cluster_id: null,
  source: 'cluster-manager',
  event_id: '6f9619ff-8b86-4011-b42d-00c04fc964ff',
  payload: '{"clusterId":"3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c"}',
  received_at: '2026-03-10T12:00:00.000Z',
  replayed_at: null,
  bytes: 301,
  truncated: false,
};

export const deadLetterDetails: z.input<typeof deadLetterDetailsSchema> = {
  ...deadLetter,
  message: `{"id":"6f9619ff-8b86-4011-b42d-00c04fc964ff","data":${deadLetter.payload}}`,
};

/** After it was taken again. */
export const replayed: z.input<typeof deadLetterSchema> = {
  ...deadLetter,
  replayed_at: '2026-03-10T12:05:00.000Z',
};

export const deadLetterList: z.input<typeof deadLetterListSchema> = {
  dead_letters: [deadLetter],
  next: null,
  total: 1,
};

export const deletedOne: z.input<typeof deletedSchema> = { deleted: 1 };
