import { eventSchemas, topics } from '@bud-monitoring/contracts';
import { z } from 'zod';

/** What each topic is about, and whether the product hears or tells it. */
const channels = {
  [topics.clusterCreated]: ['receive', 'A cluster was created: it gets dashboards'],
  [topics.clusterUpdated]: ['receive', 'A cluster has another name; one not known is created'],
  [topics.clusterDeleted]: ['receive', 'A cluster is gone: its dashboards and its link go too'],
  [topics.clusterAlerts]: ['send', 'An alert began, changed its severity or state, or ended'],
  [topics.dashboardProvisioned]: ['send', 'The dashboards of a cluster are as they should be'],
  [topics.dashboardFailed]: [
    'send',
    'The dashboards of a cluster wait for somebody to mend a fault',
  ],
  [topics.dashboardRemoved]: ['send', 'The dashboards of a cluster are gone'],
};

const ref = (path) => ({ $ref: `#/${path}` });

/** The AsyncAPI 3 document of the events in and out, from the schemas that the services read and write by. */
export function asyncApi(version) {
  const topicNames = Object.keys(eventSchemas);
  const of = (make) => Object.fromEntries(topicNames.map((topic) => [topic, make(topic)]));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Bud Monitoring events',
      version,
      description:
        'CloudEvents by Dapr pub/sub (component `pubsub`). Of events in, more forms are read than these: docs/events.md. May come twice and out of order.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/cloudevents+json',
    channels: of((topic) => ({
      address: topic,
      description: channels[topic][1],
      messages: { event: ref(`components/messages/${topic}`) },
    })),
    operations: of((topic) => ({
      action: channels[topic][0],
      channel: ref(`channels/${topic}`),
      messages: [ref(`channels/${topic}/messages/event`)],
    })),
    components: { messages: of(message), schemas: { CloudEvent: cloudEvent } },
  };
}

function message(topic) {
  const data = z.toJSONSchema(eventSchemas[topic], { io: 'input' });
  delete data.$schema;
  return {
    name: topic,
    contentType: 'application/cloudevents+json',
    payload: {
      allOf: [
        ref('components/schemas/CloudEvent'),
        { type: 'object', required: ['data'], properties: { data } },
      ],
    },
  };
}

const text = (description) => ({ type: 'string', minLength: 1, description });

const cloudEvent = {
  type: 'object',
  description:
    'The attributes of CloudEvents 1.0 that matter here; the sidecar adds those that are missing',
  required: ['specversion', 'id', 'source', 'type'],
  properties: {
    specversion: { const: '1.0' },
    id: text('With `source`, the same for the same event'),
    source: text('Who published it'),
    type: text('Any'),
    time: {
      type: 'string',
      format: 'date-time',
      description: 'By which the events of a cluster are ordered; best with a fraction of a second',
    },
    datacontenttype: { type: 'string', description: 'application/json' },
  },
};
