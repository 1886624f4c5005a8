import { z } from 'zod';

/** The envelope of every success: what the answer is, a sentence, and the answer itself. */
export function envelope<Name extends string, Data extends z.ZodType>(object: Name, data: Data) {
  return z.object({
    object: z.literal(object).meta({ description: 'What the answer is' }),
    message: z.string().meta({ description: 'The answer in a sentence, for people' }),
    data,
  });
}

/** A figure or part that is missing, partial or doubtful, and why. */
export const warningSchema = z
  .object({
    code: z.string().meta({ description: 'For programs: `stale`, `query_failed`, ...' }),
    message: z.string().meta({ description: 'For people' }),
    metric: z.string().optional().meta({ description: 'The metric it is about' }),
    nodes: z.array(z.string()).optional().meta({ description: 'Keys of the nodes it is about' }),
  })
  .meta({ id: 'Warning' });
export type Warning = z.infer<typeof warningSchema>;

/** The warnings of an answer. */
export const warningsSchema = z
  .array(warningSchema)
  .meta({ description: 'What is missing, partial or doubtful, and why; empty if nothing is' });
