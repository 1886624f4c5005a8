import type { Express } from 'express';
import type { Registry } from 'prom-client';
import type { StackHealth } from '@bud-monitoring/contracts';
import type { Authenticator } from '../auth/authenticator.js';
import type { DaprRoute } from '../dapr/dapr-route.js';
import type { Logger } from '../log/logger.js';
import type { Lifecycle } from '../run/lifecycle.js';
import type { ErrorFormat } from './error-format.js';
import type { Route } from './route.js';

export interface ServiceAppOptions {
  name: string;
  version: string;
  description?: string;
  logger: Logger;
  registry: Registry;
  authenticator: Authenticator;
  routes: readonly Route[];
  daprRoutes?: readonly DaprRoute[];
  health: {
    /** What this replica lacks to do its work; nothing means ready. */
    ready(): Promise<string[]>;
    stack(): Promise<StackHealth>;
  };
  errorFormats?: readonly ErrorFormat[];
  /** Time for a whole answer unless the route says otherwise (ms). */
  requestTimeoutMs?: number;
}

/** An Express app, and the state that runService moves and `/ready` tells. */
export type ServiceApp = Express & { readonly lifecycle: Lifecycle };

/** The whole edge of a service: its routes, the sidecar's, health, metrics and documentation. */
export function createServiceApp(_options: ServiceAppOptions): ServiceApp {
  throw new Error('not written yet');
}
