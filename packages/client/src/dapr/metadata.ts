import { z } from 'zod';

import { UpstreamError } from '../errors.js';
import type { HttpClient } from '../http/http-client.js';
import { parseJson } from '../json.js';
import { buildingBlockError } from './sidecar-error.js';
import type { Dapr, SidecarMetadata } from './types.js';

const metadataSchema = z.object({
  components: z.array(z.object({ name: z.string() })).default([]),
  subscriptions: z.array(z.object({ pubsubname: z.string(), topic: z.string() })).default([]),
});

/** Reads what the sidecar has loaded. */
export function createMetadata(http: HttpClient): Dapr['metadata'] {
  return async (signal): Promise<SidecarMetadata> => {
    const { status, text } = await http.request({ method: 'GET', path: '/v1.0/metadata', signal });
    if (status >= 300) throw buildingBlockError(status, text);
    const parsed = metadataSchema.safeParse(parseJson(text));
    if (!parsed.success) throw new UpstreamError({ upstream: 'dapr', code: 'bad_answer' });
    const { components, subscriptions } = parsed.data;
    return {
      components: components.map(({ name }) => name),
      subscriptions: subscriptions.map(({ pubsubname: pubsub, topic }) => ({ pubsub, topic })),
    };
  };
}
