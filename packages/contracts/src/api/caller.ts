import { z } from 'zod';
import { permissionSchema } from './permissions.js';

/** `data` of `GET /me`: who is asking, and what of everything it may see and do. */
export const callerSchema = z
  .object({
    subject: z.string().meta({ description: "The token's `sub`, or the id of the calling app" }),
    kind: z.enum(['user', 'app', 'anonymous-off']).meta({
      description: '`anonymous-off` where authentication is switched off',
    }),
    permissions: z
      .array(permissionSchema)
      .meta({ description: '`cluster:view` reads; `cluster:manage` changes, and reads too' }),
    clusters: z
      .array(z.string())
      .nullable()
      .meta({ description: 'The only clusters it may see; null for all' }),
    namespaces: z.array(z.string()).nullable().meta({
      description: 'The only namespaces it may see, by the Prometheus API alone; null for all',
    }),
    expires_at: z
      .number()
      .nullable()
      .meta({ description: 'When the token ends, Unix seconds; null without a token' }),
  })
  .meta({ id: 'Caller' });
export type CallerData = z.infer<typeof callerSchema>;
