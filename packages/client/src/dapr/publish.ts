import { randomUUID } from 'node:crypto';

import type { HttpClient } from '../http/http-client.js';
import { pathSegment } from '../http/url.js';
import { buildingBlockError } from './sidecar-error.js';
import type { Dapr, PublishOptions } from './types.js';

/** Publishing over our own HTTP and not the SDK's, whose `publish` resolves although it failed. */
export function createPublish(http: HttpClient): Dapr['publish'] {
  return async (pubsub, topic, data, { metadata = {}, signal, cloudEvent } = {}) => {
    const { status, text } = await http.request({
      method: 'POST',
      path: `/v1.0/publish/${pathSegment(pubsub)}/${pathSegment(topic)}`,
      query: Object.fromEntries(
        Object.entries(metadata).map(([name, value]) => [`metadata.${name}`, value]),
      ),
      // Always a JSON text, so that 0, false, "" and null arrive as what they are.
      json: cloudEvent === undefined ? (data ?? null) : envelope(data, topic, cloudEvent),
      headers: cloudEvent === undefined ? {} : { 'content-type': 'application/cloudevents+json' },
      signal,
    });
    if (status >= 300) throw buildingBlockError(status, text);
  };
}

type Attributes = NonNullable<PublishOptions['cloudEvent']>;

function envelope(data: unknown, topic: string, attributes: Attributes) {
  return {
    specversion: '1.0',
    id: attributes.id ?? randomUUID(),
    type: attributes.type ?? 'com.dapr.event.sent',
    source: attributes.source ?? 'bud-monitoring',
    ...(attributes.time !== undefined && { time: attributes.time }),
    datacontenttype: 'application/json',
    topic,
    data: data ?? null,
  };
}
