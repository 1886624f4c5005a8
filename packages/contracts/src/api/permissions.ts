import { z } from 'zod';

/** What a caller may do: `cluster:manage` includes `cluster:view`. */
export const permissionSchema = z.enum(['cluster:view', 'cluster:manage']);
export type Permission = z.infer<typeof permissionSchema>;
