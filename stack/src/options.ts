import type { Identity } from './identity/identity.js';
import type { Env } from './programs/env.js';
import type { Report } from './programs/report.js';
import type { Sidecar } from './servers/daprd.js';
import type { ConsoleOptions, Gateway, GatewayOptions } from './servers/gateway.js';
import type { NodeExporter } from './servers/node-exporter.js';
import type { PrometheusServer, PrometheusSettings } from './servers/prometheus.js';
import type { RedisServer } from './servers/redis.js';
import type { Server } from './servers/server.js';
import type { VictoriaMetricsServer } from './servers/victoria-metrics.js';
import type { FakeGrafana } from './fakes/fake-grafana/server.js';

/** A Redis that runs elsewhere. */
export interface RedisAddress {
  /** `host:port` */
  address: string;
  password: string;
}

/** A Grafana that runs elsewhere: the services' GRAFANA_* variables. */
export interface GrafanaAddress {
  scheme: string;
  /** `host[:port][/path]` */
  url: string;
  /** Credentials and whatever else the services read: `GRAFANA_TOKEN`, ... */
  environment: Readonly<Record<string, string>>;
}

export interface PrometheusOptions extends PrometheusSettings {
  /** `system` (whatever is installed, 2.42 or newer) unless told; `3` is 3.16, built here. */
  version?: 'system' | '3';
  port?: number;
}

/** An app beside a sidecar: one that listens already, one of this process, or a process of its own. */
export interface AppOptions {
  appId: string;
  /** Where it listens, or is to; a free port unless told. */
  port?: number;
  /** Starts it inside this process, to listen on `context.port`. */
  start?: (context: AppContext) => Promise<{ close(): Promise<void> }>;
  /** Starts it as a process, with the standard environment (see environment.ts). */
  command?: readonly [string, ...string[]];
  /** Added to the standard environment of a process. */
  environment?: Readonly<Record<string, string>>;
  /** The process may end without that being a failure of the stack. */
  mayEnd?: boolean;
  /** Called with each line that the process writes. */
  onLine?: (appId: string, line: string) => void;
  /** Path that answers 2xx once a process listens; `/health` unless told. */
  healthPath?: string;
  sidecar?: {
    flags?: readonly string[];
    /** Folder of resources instead of the product's own. */
    resources?: string;
    /** Dapr Configuration instead of the product's own. */
    config?: string;
  };
}

/** What an app may want to know before it listens. */
export interface AppContext {
  appId: string;
  port: number;
  dapr: { url: string; apiToken: string; appToken: string };
  environment: Readonly<Record<string, string>>;
}

export interface StackOptions {
  /** Our own Redis, or the address of another. Our own where there are apps, unless told. */
  redis?: boolean | RedisAddress;
  prometheus?: boolean | PrometheusOptions | { url: string };
  /** Another store beside, or instead of, Prometheus. */
  victoriaMetrics?: boolean;
  /** node-exporter of this machine. */
  nodeExporter?: boolean;
  /** The fake, or the address of a real one. */
  grafana?: boolean | { port: number } | GrafanaAddress;
  apps?: readonly AppOptions[];
  /**
   * An app of the user's own beside these: only its sidecar is started. One with a port must listen there
   * already.
   */
  ownApp?: Pick<AppOptions, 'appId' | 'port' | 'sidecar'>;
  gateway?:
    | boolean
    | ({
        port?: number;
        /** As it is built here, with what is told otherwise; without it there is none. */
        console?: Partial<ConsoleOptions> | false;
      } & Pick<GatewayOptions, 'corsOrigins' | 'limits' | 'readTimeoutSeconds'>);
  /** Added to the environment of every app process. */
  environment?: Readonly<Record<string, string>>;
  /** Environment of the runner: PATH, `..._BIN`, cache directory. `process.env` unless told. */
  env?: Env;
  /** Lines about installing and building; nothing when all is there. */
  report?: Report;
  /** Stops the stack, also in the middle of its start. */
  signal?: AbortSignal;
}

export interface RunningApp {
  appId: string;
  port: number;
  url: string;
  sidecar: Sidecar;
  /** Absent for an app that this stack did not start as a process. */
  process?: Server;
}

/** A running stack. Parts that were not asked for are absent. */
export interface Stack extends AsyncDisposable {
  identity: Identity;
  /** Temporary directory that disappears with the stack. */
  directory: string;
  redis?: RedisServer;
  prometheus?: PrometheusServer;
  victoriaMetrics?: VictoriaMetricsServer;
  nodeExporter?: NodeExporter;
  grafana?: FakeGrafana;
  gateway?: Gateway;
  /** The sidecar of `ownApp`. */
  ownSidecar?: Sidecar;
  /** One of the replicas of an app, from 0 on in the order of the options. Throws when there is none. */
  app(appId: string, replica?: number): RunningApp;
  /** Resolves with a sentence when a part ends without being asked to. */
  failed: Promise<string>;
  stop(): Promise<void>;
}
