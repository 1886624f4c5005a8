import type { ServiceApp } from '../http/service-app.js';
import type { Logger } from '../log/logger.js';

export interface RunServiceOptions {
  app: ServiceApp;
  logger: Logger;
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Runs once the port is open; `/ready` says no until it is done. */
  start?: () => Promise<void> | void;
  /** Runs after the last request: stop workers, close clients. */
  stop: () => Promise<void> | void;
  /** How long requests in flight may take to end once stopping (ms). */
  drainMs?: number;
}

export interface RunningService {
  readonly port: number;
  /** Stops as a signal would; resolves when all is stopped. */
  stop(): Promise<void>;
}

/**
 * Listens, logs `listening` with the port, and stops on SIGTERM or SIGINT: not ready, no new
 * connections, requests in flight drained, stop hook, logs flushed. Sets `process.exitCode`.
 */
export function runService(_options: RunServiceOptions): Promise<RunningService> {
  throw new Error('not written yet');
}
