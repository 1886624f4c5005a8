import { z } from 'zod';

/** The envelope of every success: what the answer is, a sentence, and the answer itself. */
export function envelope<Name extends string, Data extends z.ZodType>(object: Name, data: Data) {
  return z.object({ object: z.literal(object), message: z.string(), data });
}

/** A figure or part that is missing, partial or doubtful, and why. */
export const warningSchema = z.object({
  code: z.string(),
  message: z.string(),
  metric: z.string().optional(),
  nodes: z.array(z.string()).optional(),
});
export type Warning = z.infer<typeof warningSchema>;
