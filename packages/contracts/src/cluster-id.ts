import { z } from 'zod';

/**
 * The one id of a cluster: the value of the `cluster` label, Grafana's dashboard uid and
 * bud-cluster's key. Any UUID text is taken (`uuid()` would refuse ids that Python made) and
 * lower-cased.
 */
export const clusterIdSchema = z
  .guid('must be a UUID')
  .transform((id) => id.toLowerCase())
  .brand<'ClusterId'>();

/** A validated, lower-case cluster id. */
export type ClusterId = z.infer<typeof clusterIdSchema>;
