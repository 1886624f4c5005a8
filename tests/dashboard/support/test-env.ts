import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { runDetached, UpstreamError } from '@bud-monitoring/client';
import { createGrafanaClient, type GrafanaClient } from '@bud-monitoring/client/grafana';
import { topics, type ClusterId, type DashboardEvent } from '@bud-monitoring/contracts';
import { createSparingLog } from '@bud-monitoring/service-kit';
import type { StoreAccess } from '../../../services/dashboard/src/adapters/datasource-settings.js';
import { createGrafana } from '../../../services/dashboard/src/adapters/grafana.js';
import { createStore } from '../../../services/dashboard/src/adapters/state-store.js';
import { readTemplates } from '../../../services/dashboard/src/adapters/templates.js';
import {
  createController,
  type Controller,
} from '../../../services/dashboard/src/domain/controller.js';
import type { DeliveryStatus } from '../../../services/dashboard/src/domain/events/event-handler.js';
import type { DriftPolicy } from '../../../services/dashboard/src/domain/reconcile/plan.js';
import type {
  OwnDashboard,
  ProductDashboard,
} from '../../../services/dashboard/src/domain/templates/product.js';
import type { Template } from '../../../services/dashboard/src/domain/templates/template.js';
import type { ClusterDiscoverySource, Meter } from '../../../services/dashboard/src/ports.js';
import type { StatusCounts } from '../../../services/dashboard/src/domain/resync/status-counts.js';
import type { ResyncLoop } from '../../../services/dashboard/src/domain/resync/resync-loop.js';
import {
  startFakeGrafana,
  type FakeGrafana,
} from '../../../stack/src/fakes/fake-grafana/server.js';
import { createMemoryState, type MemoryState } from './memory-state.js';
import { createManualTime, type InstanceTimers, type ManualTime } from './manual-time.js';
import { createKillSwitch, type KillSwitch } from './kill-switch.js';

export type Dialect = '9.4' | 'later';

/** As components/reconcile-dashboards.yaml says. */
const tickIntervalMs = 30_000;

const templatesFolder = fileURLToPath(new URL('../../../templates', import.meta.url));

/** Everything outside of the service: what survives when an instance is killed. */
export interface TestEnv extends AsyncDisposable {
  grafana: FakeGrafana;
  state: MemoryState;
  time: ManualTime;
  /** What was published, oldest first. */
  published: { topic: string; event: DashboardEvent }[];
  /** Makes publishing fail while true. */
  brokerDown: boolean;
  /** Makes Grafana unreachable while true; the client's circuit breaker would outlast that. */
  grafanaDown: boolean;
  /** Runs before a public dashboard is created. */
  beforeCreatePublicDashboard: (() => Promise<unknown>) | null;
  /** Runs before a dashboard is saved. */
  beforeSave: (() => Promise<unknown>) | null;
  log: { level: string; message: string; fields: Record<string, unknown> }[];
  templates: Template[];
  client: GrafanaClient;
  /** Starts an instance of the service. */
  instance(options?: InstanceOptions): Instance;
  /** Advances the time and lets all instances work. */
  advance(ms: number): Promise<void>;
  /** Kills all instances and resets everything but the time. */
  reset(): void;
}

export interface InstanceOptions {
  drift?: DriftPolicy;
  sharingAllowed?: boolean;
  templates?: readonly Template[];
  folder?: string;
  datasourceUrl?: string;
  /** What the store wants of those who ask it. */
  storeAccess?: StoreAccess;
  product?: ProductDashboard;
  /** Further dashboards of the product itself. */
  own?: readonly OwnDashboard[];
  meter?: Partial<Meter>;
  concurrency?: number;
  wholeReadLimit?: number;
  discoverySource?: ClusterDiscoverySource;
  /** The release of the service. */
  version?: string;
  password?: string;
  /** A service account's token instead of a password. */
  token?: string;
  /** Sees every call of a port, and may kill the instance at one. */
  killSwitch?: KillSwitch;
}

/** One process of the service: its controller. */
export interface Instance extends Controller {
  statusCounts: StatusCounts[];
  killSwitch: KillSwitch;
  /** Delivers an event; undefined when the instance was killed before it answered. */
  deliver(
    kind: 'created' | 'updated' | 'deleted',
    event: { id: ClusterId; name?: string; time?: number },
  ): Promise<DeliveryStatus | undefined>;
  /** Resolves when the instance has nothing to do at this time, or was killed. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export async function startTestEnv(
  options: {
    dialect?: Dialect;
    templates?: Template[];
    /** What Grafana holds, from an earlier one. */
    grafanaFile?: string;
  } = {},
): Promise<TestEnv> {
  const time = createManualTime(Date.parse('2026-11-22T18:00:00Z'));
  const grafana = await startFakeGrafana({
    dialect: options.dialect ?? '9.4',
    clock: time,
    stateFile: options.grafanaFile,
  });
  const templates = options.templates ?? (await readTemplates(templatesFolder));
  const { host } = new URL(grafana.url);
  const connect = (credentials: { token: string } | { username: string; password: string }) =>
    createGrafanaClient({ scheme: 'http', url: host, ...credentials });
  const admin = { username: 'admin', password: 'admin' };
  let instances: Instance[] = [];

  const env: TestEnv = {
    grafana,
    time,
    state: createMemoryState({ clock: time }),
    published: [],
    brokerDown: false,
    grafanaDown: false,
    beforeCreatePublicDashboard: null,
    beforeSave: null,
    log: [],
    templates,
    client: connect(admin),
    instance(instanceOptions = {}) {
      const { password, token } = instanceOptions;
      const client =
        token !== undefined
          ? connect({ token })
          : password !== undefined
            ? connect({ ...admin, password })
            : env.client;
      const instance = startInstance(env, client, instanceOptions);
      instances.push(instance);
      return instance;
    },
    async advance(ms) {
      await time.advance(ms, async () => {
        for (const instance of instances) await instance.idle();
      });
    },
    reset() {
      instances.forEach((instance) => instance.killSwitch.kill());
      instances = [];
      grafana.wipe();
      grafana.clearFaults();
      env.state = createMemoryState({ clock: time });
      env.published.length = 0;
      env.log.length = 0;
    },
    async [Symbol.asyncDispose]() {
      for (const instance of instances) {
        instance.killSwitch.kill();
        await instance.stop();
      }
      await grafana.close();
    },
  };
  return env;
}

function startInstance(env: TestEnv, client: GrafanaClient, options: InstanceOptions): Instance {
  const { time } = env;
  const timers = time.timers();
  const killSwitch = options.killSwitch ?? createKillSwitch();
  killSwitch.onKill(() => timers.drop());
  const statusCounts: StatusCounts[] = [];
  const line =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}) =>
      void env.log.push({ level, message, fields });
  const log = { info: line('info'), warn: line('warn'), error: line('error') };
  const nothing = () => undefined;
  const controller = createController({
    detached: runDetached,
    store: killSwitch.wrap('store', createStore({ state: env.state })),
    grafana: killSwitch.wrap(
      'grafana',
      createGrafana({
        client: breakable(env, client),
        clock: time,
        log,
        folder: options.folder ?? null,
        datasource: {
          uid: 'prometheus',
          url: options.datasourceUrl ?? null,
          access: options.storeAccess ?? {},
        },
      }),
    ),
    eventPublisher: killSwitch.wrap('eventPublisher', {
      publish: (topic: string, event: DashboardEvent) => {
        if (env.brokerDown) return Promise.reject(new Error('no broker'));
        env.published.push({ topic, event });
        return Promise.resolve();
      },
    }),
    discoverySource: options.discoverySource ?? null,
    clock: time,
    timers,
    log,
    sparingLog: createSparingLog({ log, clock: time }),
    meter: {
      provisioned: nothing,
      grafanaWrite: nothing,
      drift: nothing,
      failure: nothing,
      clusterName: nothing,
      orphans: nothing,
      deadLetter: nothing,
      outranked: nothing,
      deadLettersDropped: nothing,
      ...options.meter,
    },
    random: () => 0.5,
    holder: randomUUID(),
    settings: {
      templates: options.templates ?? env.templates,
      drift: options.drift ?? 'overwrite',
      sharing: { allowed: options.sharingAllowed ?? true },
    },
    version: options.version ?? '1.0.0',
    own: [
      ...(options.product ? [{ key: 'product-dashboard', plain: options.product }] : []),
      ...(options.own ?? []),
    ],
    publicLinkUrl: null,
    fingerprint: `of ${options.password ?? 'admin'}`,
    loginPauseMs: options.token === undefined ? 30 * 60_000 : 0,
    concurrency: options.concurrency ?? 4,
    ...(options.wholeReadLimit !== undefined && { wholeReadLimit: options.wholeReadLimit }),
    pendingIntervalMs: 120_000,
    driftIntervalMs: 600_000,
    isGrafanaUp: () => Promise.resolve(!env.grafanaDown),
    onStatusCounts: (counts) => void statusCounts.push(counts),
  });
  const { workQueue } = controller;
  const resyncLoop = withBinding(controller.resyncLoop, timers);
  return {
    ...controller,
    resyncLoop,
    statusCounts,
    killSwitch,
    deliver: (kind, { id, name, time: at }) =>
      killSwitch.orKilled(
        controller.eventHandler.handle(topicOf[kind], {
          id: randomUUID(),
          source: 'test',
          specversion: '1.0',
          type: 'com.dapr.event.sent',
          time: new Date(at ?? time.now()).toISOString(),
          data: { cluster_id: id, ...(name !== undefined && { name }) },
        }),
      ),
    async idle() {
      for (let still = 0; still < 3;) {
        if (killSwitch.killed) return;
        await killSwitch.orKilled(workQueue.idle());
        await new Promise((resolve) => setImmediate(resolve));
        still = killSwitch.busy === 0 ? still + 1 : 0;
      }
    },
    async stop() {
      controller.livenessMonitor.stop();
      if (!killSwitch.killed) await controller.stop();
    },
  };
}

/** Once started, it ticks as by the cron binding: a failed tick is followed by the next. */
function withBinding(resyncLoop: ResyncLoop, timers: InstanceTimers): ResyncLoop {
  const tickLater = () =>
    timers.after(tickIntervalMs, () => {
      tickLater();
      resyncLoop.tick().catch(() => undefined);
    });
  return {
    tick: () => resyncLoop.tick(),
    stop: () => resyncLoop.stop(),
    get lastTickAt() {
      return resyncLoop.lastTickAt;
    },
    start() {
      resyncLoop.start();
      tickLater();
    },
  };
}

function breakable(env: TestEnv, client: GrafanaClient): GrafanaClient {
  return new Proxy(client, {
    get(target, key, receiver) {
      const call = Reflect.get(target, key, receiver) as (...given: unknown[]) => unknown;
      return async (...given: unknown[]) => {
        if (env.grafanaDown) throw new UpstreamError({ upstream: 'grafana', code: 'unreachable' });
        if (key === 'createPublicDashboard') await env.beforeCreatePublicDashboard?.();
        if (key === 'saveDashboard') await env.beforeSave?.();
        return call(...given);
      };
    },
  });
}

const topicOf = {
  created: topics.clusterCreated,
  updated: topics.clusterUpdated,
  deleted: topics.clusterDeleted,
};
