import { UpstreamError } from '@bud-monitoring/client';
import type { Dapr } from '@bud-monitoring/client/dapr';
import type { ComponentCheck } from './component-checks.js';

/** What the sidecar must have loaded for this service. */
export interface SidecarNeeds {
  readonly pubsub: string;
  /** Names of all components, the pub/sub among them. */
  readonly components: readonly string[];
  /** Topics that the service hears. */
  readonly topics: readonly string[];
}

/** The sidecar as its service sees it, and how it is. */
export interface ObservedSidecar {
  /** The same sidecar; what it refuses to publish is noted. */
  readonly dapr: Dapr;
  /** Degraded where it lacks something, or refuses a topic: daprd tells that in its own log only. */
  readonly check: ComponentCheck;
}

const refusals = new Set(['forbidden', 'not_found']);

export function observeSidecar(dapr: Dapr, needs: SidecarNeeds): ObservedSidecar {
  const refusedTopics = new Set<string>();

  return {
    dapr: {
      ...dapr,
      async publish(pubsub, topic, data, options) {
        try {
          await dapr.publish(pubsub, topic, data, options);
          refusedTopics.delete(topic);
        } catch (error) {
          if (error instanceof UpstreamError && refusals.has(error.code)) refusedTopics.add(topic);
          throw error;
        }
      },
    },
    async check(signal) {
      if (!(await dapr.healthy(signal))) return { status: 'unhealthy', details: {} };
      const { components, subscriptions } = await dapr.metadata(signal);
      const isHeard = (topic: string) =>
        subscriptions.some((one) => one.pubsub === needs.pubsub && one.topic === topic);
      const lacks = {
        missing_components: needs.components.filter((name) => !components.includes(name)),
        missing_subscriptions: needs.topics.filter((topic) => !isHeard(topic)),
        refused_topics: [...refusedTopics].sort(),
      };
      const details = Object.fromEntries(
        Object.entries(lacks).filter(([, names]) => names.length > 0),
      );
      if (Object.keys(details).length === 0) return { status: 'healthy', details };
      const warning =
        'The sidecar did not take all of components/: see its log, the scopes of each file, and its app id';
      return { status: 'degraded', details: { ...details, warning } };
    },
  };
}
