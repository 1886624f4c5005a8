import type { Server } from 'node:http';
import { once, type EventEmitter } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { ServiceApp } from '../http/service-app.js';
import type { Logger, RootLogger } from '../log/logger.js';
import { createHttpServer, drain } from './http-server.js';

/** The part of `process` that runService uses; tests pass their own. */
export interface ProcessPort extends Pick<EventEmitter, 'on' | 'off'> {
  exit(code: number): unknown;
  /** Calls back once all that was written before has left the process. */
  readonly stdout: { write(text: string, written: () => void): unknown };
  exitCode?: number | string | null | undefined;
}

export interface RunServiceOptions {
  app: ServiceApp;
  logger: Logger & Partial<Pick<RootLogger, 'toggleDebug'>>;
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Runs once the port is open (daprd waits for it); `/ready` says no until it is done. */
  start?: () => Promise<void> | void;
  /** Runs after the last request: stop workers, close clients. */
  stop: () => Promise<void> | void;
  /** Runs after that, within the same time: sends the spans that wait. */
  stopTracing?: () => Promise<void>;
  /** How long requests in flight may take to end once stopping (ms). */
  drainMs?: number;
  process?: ProcessPort;
}

export interface RunningService {
  readonly port: number;
  /** Stops as a signal would; resolves when all is stopped. */
  stop(): Promise<void>;
}

/** Longest the stop hook may take (ms). */
const stopHookMs = 10_000;

/**
 * Listen backlog: connections that wait to be accepted while the service is busy; the system's limit
 * (`net.core.somaxconn`) applies too. With Node's default of 511, further clients retry seconds later,
 * and with SYN cookies some are reset.
 */
const backlog = 4096;

/**
 * Listens, logs `listening` with the port, and stops on SIGTERM or SIGINT: not ready, no new
 * connections, requests in flight drained, stop hook, logs flushed; a second signal ends at once.
 * SIGUSR2 switches to debug lines and back. Sets `process.exitCode`. Uncaught errors are logged and end the process with 1. Rejects, all
 * stopped, when the port is taken or `start` fails.
 */
export async function runService(options: RunServiceOptions): Promise<RunningService> {
  const { app, logger, host, port, start, drainMs = 20_000 } = options;
  const self: ProcessPort = options.process ?? process;
  const server = createHttpServer(app);

  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= stopAll());
  const stopAll = async () => {
    app.lifecycle.markStopping();
    try {
      const cutOff = await drain(server, drainMs);
      if (cutOff > 0) logger.warn('connections cut off at shutdown', { connections: cutOff });
      await runStopHook(options);
    } finally {
      removeListeners();
      self.exitCode ??= 0;
      logger.info('stopped');
      await flushLogs(self);
    }
  };

  const onSignal = (signal: string) => {
    if (stopping !== undefined) {
      logger.warn('ended at once by a second signal', { signal });
      self.exit(1);
      return;
    }
    logger.info('stopping', { signal });
    void stop();
  };
  const onUncaught = (error: unknown) => {
    logger.error('error that nobody caught', { error });
    void flushLogs(self).then(() => self.exit(1));
  };
  const listeners = {
    SIGTERM: onSignal,
    SIGINT: onSignal,
    SIGUSR2: () => logger.warn('log level changed', { level: logger.toggleDebug?.() }),
    uncaughtException: onUncaught,
    unhandledRejection: onUncaught,
  };
  const removeListeners = () => {
    for (const [event, listener] of Object.entries(listeners)) self.off(event, listener);
  };
  for (const [event, listener] of Object.entries(listeners)) self.on(event, listener);

  try {
    const openPort = await listen(server, host, port);
    logger.info('listening', { host, port: openPort });
    await start?.();
    app.lifecycle.markRunning();
    return { port: openPort, stop };
  } catch (error) {
    logger.error('start failed', { error });
    self.exitCode = 1;
    await stop();
    throw error;
  }
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  server.listen({ port, host, backlog });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function runStopHook(options: RunServiceOptions): Promise<void> {
  const { stop, stopTracing, logger, process: self } = options;
  const all = async () => {
    await stop();
    await stopTracing?.();
  };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not stopped after ${stopHookMs} ms`)), stopHookMs);
  });
  try {
    await Promise.race([all(), late]);
  } catch (error) {
    logger.error('stop failed', { error });
    (self ?? process).exitCode = 1;
  } finally {
    clearTimeout(timer);
  }
}

function flushLogs({ stdout }: ProcessPort): Promise<void> {
  return new Promise((resolve) => {
    stdout.write('', resolve);
  });
}
