import type { Logger } from '../log/logger.js';

/** The response to daprd: acknowledge, redeliver, or drop (dead letter topic). */
export type DeliveryStatus = 'SUCCESS' | 'RETRY' | 'DROP';

export interface DeliveryContext {
  /** The body as it was delivered. */
  readonly text: string;
  /** True when the body was no JSON: the event is then its raw text. */
  readonly malformed: boolean;
  /** Aborted when daprd cancels the delivery. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly requestId: string;
}

export type CronContext = Omit<DeliveryContext, 'malformed' | 'text'>;

export interface SubscriptionRoute {
  readonly kind: 'subscription';
  readonly path: string;
  readonly handler: (event: unknown, context: DeliveryContext) => Promise<DeliveryStatus>;
}

export interface CronRoute {
  readonly kind: 'cron';
  readonly path: string;
  readonly handler: (context: CronContext) => Promise<void>;
}

export type DaprRoute = SubscriptionRoute | CronRoute;

/**
 * The route a declarative subscription names. Only the sidecar's own deliveries get in. A throw of an
 * `UpstreamError` (the state store is down, for every event alike) answers RETRY; any other throw
 * concerns this event alone and answers DROP, which moves it to the dead letter topic.
 */
export function defineSubscription(definition: Omit<SubscriptionRoute, 'kind'>): SubscriptionRoute {
  return { kind: 'subscription', ...definition };
}

/** The route of a cron binding: its path is the component's name. A throw is logged and answers 500. */
export function defineCron(definition: Omit<CronRoute, 'kind'>): CronRoute {
  return { kind: 'cron', ...definition };
}
