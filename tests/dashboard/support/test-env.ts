import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { UpstreamError } from '@bud-monitoring/client';
import { createGrafanaClient, type GrafanaClient } from '@bud-monitoring/client/grafana';
import { topics, type ClusterId, type DashboardEvent } from '@bud-monitoring/contracts';
import { createGrafana } from '../../../services/dashboard/src/adapters/grafana.js';
import { createStore } from '../../../services/dashboard/src/adapters/state-store.js';
import { readTemplates } from '../../../services/dashboard/src/adapters/templates.js';
import {
  createProvisioner,
  type Provisioner,
} from '../../../services/dashboard/src/domain/controller.js';
import type { Verdict } from '../../../services/dashboard/src/domain/events/event-handler.js';
import type { DriftPolicy } from '../../../services/dashboard/src/domain/reconcile/plan.js';
import type { ProductDashboard } from '../../../services/dashboard/src/domain/templates/product.js';
import type { Template } from '../../../services/dashboard/src/domain/templates/template.js';
import type { Sightings } from '../../../services/dashboard/src/ports.js';
import type { Survey } from '../../../services/dashboard/src/domain/resync/resync.js';
import type { Reconcile } from '../../../services/dashboard/src/domain/resync/resync-loop.js';
import {
  startGrafanaStandIn,
  type GrafanaStandIn,
} from '../../../stack/src/stand-ins/grafana/server.js';
import { createMemoryState, type MemoryState } from './memory-state.js';
import { createManualTime, type InstanceTimers, type ManualTime } from './manual-time.js';
import { createPlug, type Plug } from './kill-switch.js';

export type Dialect = '9.4' | 'later';

/** As components/reconcile-dashboards.yaml says. */
const tickEveryMs = 30_000;

const templatesFolder = fileURLToPath(new URL('../../../templates', import.meta.url));

/** Everything outside of the service: what survives when an instance dies. */
export interface World extends AsyncDisposable {
  grafana: GrafanaStandIn;
  state: MemoryState;
  time: ManualTime;
  /** What was published, oldest first. */
  published: { topic: string; event: DashboardEvent }[];
  /** Makes publishing fail while true. */
  brokerDown: boolean;
  /** Cuts Grafana off while true; the client's own breaker would have to be waited for. */
  grafanaDown: boolean;
  /** What happens before a public link is made. */
  beforeShare: (() => Promise<unknown>) | null;
  /** What happens before a dashboard is saved. */
  beforeSave: (() => Promise<unknown>) | null;
  log: { level: string; message: string; fields: Record<string, unknown> }[];
  templates: Template[];
  client: GrafanaClient;
  /** Starts an instance of the service. */
  instance(options?: InstanceOptions): Instance;
  /** Moves time on and lets all instances work. */
  pass(ms: number): Promise<void>;
  /** Forgets everything but the time. */
  wipe(): void;
}

export interface InstanceOptions {
  drift?: DriftPolicy;
  sharingAllowed?: boolean;
  templates?: readonly Template[];
  folder?: string;
  datasourceUrl?: string;
  product?: ProductDashboard;
  concurrency?: number;
  sightings?: Sightings;
  password?: string;
  /** Called before and after each call to a neighbour. */
  plug?: Plug;
}

/** One process of the service, as far as its work goes. */
export interface Instance extends Provisioner {
  surveys: Survey[];
  plug: Plug;
  /** Delivers an event; undefined when the instance died before it answered. */
  deliver(
    kind: 'created' | 'updated' | 'deleted',
    event: { id: ClusterId; name?: string; time?: number },
  ): Promise<Verdict | undefined>;
  /** Resolves when the instance has nothing to do at this moment, or is dead. */
  quiet(): Promise<void>;
  stop(): Promise<void>;
}

export async function startWorld(
  options: { dialect?: Dialect; templates?: Template[] } = {},
): Promise<World> {
  const time = createManualTime(Date.parse('2026-11-22T18:00:00Z'));
  const grafana = await startGrafanaStandIn({ dialect: options.dialect ?? '9.4', clock: time });
  const templates = options.templates ?? (await readTemplates(templatesFolder));
  const { host } = new URL(grafana.url);
  const connect = (password: string) =>
    createGrafanaClient({ scheme: 'http', url: host, username: 'admin', password });
  let instances: Instance[] = [];

  const world: World = {
    grafana,
    time,
    state: createMemoryState({ clock: time }),
    published: [],
    brokerDown: false,
    grafanaDown: false,
    beforeShare: null,
    beforeSave: null,
    log: [],
    templates,
    client: connect('admin'),
    instance(wanted = {}) {
      const client = wanted.password === undefined ? world.client : connect(wanted.password);
      const instance = startInstance(world, client, wanted);
      instances.push(instance);
      return instance;
    },
    async pass(ms) {
      await time.advance(ms, async () => {
        for (const instance of instances) await instance.quiet();
      });
    },
    wipe() {
      instances.forEach((instance) => instance.plug.kill());
      instances = [];
      grafana.wipe();
      grafana.clearFaults();
      world.state = createMemoryState({ clock: time });
      world.published.length = 0;
      world.log.length = 0;
    },
    async [Symbol.asyncDispose]() {
      for (const instance of instances) {
        instance.plug.kill();
        await instance.stop();
      }
      await grafana.close();
    },
  };
  return world;
}

function startInstance(world: World, client: GrafanaClient, options: InstanceOptions): Instance {
  const { time } = world;
  const timers = time.timers();
  const plug = options.plug ?? createPlug();
  plug.onKill(() => timers.drop());
  const surveys: Survey[] = [];
  const line =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}) =>
      void world.log.push({ level, message, fields });
  const log = { info: line('info'), warn: line('warn'), error: line('error') };
  const nothing = () => undefined;
  const provisioner = createProvisioner({
    store: plug.wrap('store', createStore({ state: world.state })),
    grafana: plug.wrap(
      'grafana',
      createGrafana({
        client: breakable(world, client),
        clock: time,
        log,
        folder: options.folder ?? null,
        datasource: { uid: 'prometheus', url: options.datasourceUrl ?? null },
      }),
    ),
    announcer: plug.wrap('announcer', {
      publish: (topic: string, event: DashboardEvent) => {
        if (world.brokerDown) return Promise.reject(new Error('no broker'));
        world.published.push({ topic, event });
        return Promise.resolve();
      },
    }),
    sightings: options.sightings ?? null,
    clock: time,
    timers,
    log,
    meter: {
      provisioned: nothing,
      grafanaWrite: nothing,
      drift: nothing,
      failure: nothing,
      deadLetter: nothing,
    },
    random: () => 0.5,
    holder: randomUUID(),
    settings: {
      templates: options.templates ?? world.templates,
      drift: options.drift ?? 'overwrite',
      sharing: { allowed: options.sharingAllowed ?? true },
    },
    product: options.product ?? null,
    linkOf: null,
    fingerprint: `of ${options.password ?? 'admin'}`,
    loginPauseMs: 30 * 60_000,
    concurrency: options.concurrency ?? 4,
    pendingEveryMs: 120_000,
    driftEveryMs: 600_000,
    isGrafanaUp: () => Promise.resolve(!world.grafanaDown),
    onSurvey: (survey) => void surveys.push(survey),
  });
  const { scheduler } = provisioner;
  const reconcile = withBinding(provisioner.reconcile, timers);
  return {
    ...provisioner,
    reconcile,
    surveys,
    plug,
    deliver: (kind, { id, name, time: at }) =>
      plug.orDead(
        provisioner.delivery.take(topicOf[kind], {
          id: randomUUID(),
          source: 'test',
          specversion: '1.0',
          type: 'com.dapr.event.sent',
          time: new Date(at ?? time.now()).toISOString(),
          data: { cluster_id: id, ...(name !== undefined && { name }) },
        }),
      ),
    async quiet() {
      for (let still = 0; still < 3;) {
        if (plug.dead) return;
        await plug.orDead(scheduler.idle());
        await new Promise((resolve) => setImmediate(resolve));
        still = plug.busy === 0 ? still + 1 : 0;
      }
    },
    async stop() {
      provisioner.watch.stop();
      if (!plug.dead) await provisioner.stop();
    },
  };
}

/** From its start on it is called as the cron binding does it: a failed tick is followed by the next. */
function withBinding(reconcile: Reconcile, timers: InstanceTimers): Reconcile {
  const tickLater = () =>
    timers.after(tickEveryMs, () => {
      tickLater();
      reconcile.tick().catch(() => undefined);
    });
  return {
    tick: () => reconcile.tick(),
    stop: () => reconcile.stop(),
    get lastTickAt() {
      return reconcile.lastTickAt;
    },
    start() {
      reconcile.start();
      tickLater();
    },
  };
}

function breakable(world: World, client: GrafanaClient): GrafanaClient {
  return new Proxy(client, {
    get(target, key, receiver) {
      const call = Reflect.get(target, key, receiver) as (...given: unknown[]) => unknown;
      return async (...given: unknown[]) => {
        if (world.grafanaDown)
          throw new UpstreamError({ upstream: 'grafana', code: 'unreachable' });
        if (key === 'createShare') await world.beforeShare?.();
        if (key === 'saveDashboard') await world.beforeSave?.();
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
