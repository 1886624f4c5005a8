import { z } from 'zod';

export const componentHealthSchema = z
  .object({
    status: z
      .enum(['healthy', 'degraded', 'unhealthy', 'unknown'])
      .meta({ description: 'The answer is 503 when one part is unhealthy' }),
    details: z
      .record(z.string(), z.unknown())
      .meta({ description: 'What tells why; never a URL or a credential' }),
  })
  .meta({ id: 'ComponentHealth' });
/** State of one part of the stack; `details` never hold a URL or a credential. */
export type ComponentHealth = z.infer<typeof componentHealthSchema>;

/** `GET /health/stack`: each part of the monitoring stack by name. */
export const stackHealthSchema = z.record(z.string(), componentHealthSchema);
export type StackHealth = z.infer<typeof stackHealthSchema>;
