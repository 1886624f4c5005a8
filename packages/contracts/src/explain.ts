import { z } from 'zod';

/** Query of `GET /clusters/{cluster_id}/queries/explain`. */
export const explainQuerySchema = z.object({
  query: z.string().min(1).describe('A PromQL expression'),
});

/** What becomes of a query before it reaches the store, and what it costs. */
export const explainSchema = z
  .object({
    query: z.string().describe('As it was given'),
    scoped_query: z.string().nullable().describe('As it goes to the store; null where refused'),
    refused: z
      .object({
        reason: z.string().describe('A sentence'),
        position: z.int().describe("Offset in the caller's text"),
      })
      .nullable()
      .describe('Why it is not handed on'),
    cluster_metrics: z.int().nullable().describe('Metrics that the cluster has'),
    query_metrics: z
      .int()
      .nullable()
      .describe('Of the metrics that the query names, how many the cluster has'),
    result_count: z.int().nullable().describe('Series in the answer'),
    execution_time_seconds: z.number().nullable().describe('What the store took'),
    slow: z.boolean().describe('Took more than 5 seconds'),
  })
  .meta({ id: 'Explanation' });
export type Explain = z.infer<typeof explainSchema>;
