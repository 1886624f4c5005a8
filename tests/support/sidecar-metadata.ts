import { topics } from '@bud-monitoring/contracts';

/** What a sidecar says that has loaded all of components/. */
export const everythingLoaded = {
  components: ['pubsub', 'statestore', 'evaluate-alerts', 'reconcile-dashboards'],
  subscriptions: Object.values(topics).map((topic) => ({ pubsub: 'pubsub', topic })),
};
