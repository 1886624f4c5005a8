import type { z } from 'zod';
import type { explainSchema } from '../explain.js';
import { cluster } from './example.js';

export const explanation: z.input<typeof explainSchema> = {
  query: 'sum(up)',
  scoped_query: `sum(up{cluster="${cluster.cluster_id}"})`,
  refused: null,
  cluster_metrics: 412,
  query_metrics: 1,
  result_count: 1,
  execution_time_seconds: 0.012,
  slow: false,
};

export const fleetExplanation: z.input<typeof explainSchema> = {
  ...explanation,
  scoped_query: `sum(up{cluster=~"${cluster.cluster_id}|8a1c0d5f-1e2d-4c3b-8a79-6b5c4d3e2f10"})`,
};
