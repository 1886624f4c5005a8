import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createDapr } from '@bud-monitoring/client/dapr';
import { createGrafanaClient, type GrafanaClient } from '@bud-monitoring/client/grafana';
import { service, startStack, type Stack } from '@bud-monitoring/stack';
import {
  startFakeGrafana,
  type FakeGrafana,
} from '../../../stack/src/fakes/fake-grafana/server.js';
import { componentsTicking } from '../../support/components-ticking.js';
import { redisCommands } from '../../support/redis-command.js';
import { differences, type Foreign } from './grafana-diff.js';
import { createLedger, topicOf, type Event, type Expected, type Ledger } from './ledger.js';
import { readSnapshot } from './grafana-snapshot.js';
import { publishPoison, type Poison } from './poison.js';
import { startFaultyProxy, type FaultyProxy } from './proxy.js';
import { createRecords, type Records } from './records.js';

export type Dialect = '9.4' | 'later';

/** bud-dashboard as a process with daprd and Redis, and a Grafana: all of which can be broken. */
export interface ChaosEnv extends AsyncDisposable {
  readonly ledger: Ledger;
  readonly grafana: FakeGrafana;
  /** Another client of Grafana, not through the proxy. */
  readonly otherClient: GrafanaClient;
  readonly toGrafana: FaultyProxy;
  readonly toDapr: FaultyProxy;
  /** How often each was killed. */
  readonly kills: Record<Victim, number>;
  /** Messages that nobody can use and that the broker has taken. */
  readonly poisoned: number;
  /** kill -9, then a start after `downMs`; for one that is down already, nothing. */
  kill(victim: Victim, downMs: number): Promise<void>;
  /** Publishes again and again until the broker has taken the event, then writes it down. */
  publish(event: Event, copies: number): Promise<void>;
  /** Publishes messages that nobody can use, once each. */
  poison(messages: readonly Poison[]): Promise<void>;
  /** Sends a command to Redis; nothing happens where it is down. */
  redisCommand(command: string): Promise<void>;
  /** The records of the service, as another version of it sees them. */
  readonly records: Records;
  call(method: string, path: string): Promise<number>;
  /** Empties Grafana, as after a lost volume. */
  wipe(): Promise<void>;
  /** Mends everything that is broken, and waits until all processes run. */
  heal(options: { restart: boolean }): Promise<void>;
  /** Waits until Grafana is as the ledger says; the differences that remain after `timeoutMs`. */
  settle(timeoutMs: number): Promise<string[]>;
  /** Waits until no record has work left and Grafana is right: what remains of either. */
  rest(timeoutMs: number): Promise<string[]>;
  logs(): string;
}

export type Victim = 'service' | 'daprd' | 'redis';

const appId = 'bud-dashboard';
const loginPauseMs = 1_000;

export async function startChaosEnv({ dialect }: { dialect: Dialect }): Promise<ChaosEnv> {
  const grafana = await startFakeGrafana({ dialect });
  const toGrafana = await startFaultyProxy();
  const toDapr = await startFaultyProxy();
  toGrafana.target = grafana.url;
  const components = await componentsTicking({ 'reconcile-dashboards': '2s' });
  const closeAll = async () => {
    await toDapr[Symbol.asyncDispose]();
    await toGrafana[Symbol.asyncDispose]();
    await grafana.close();
    await rm(components, { recursive: true });
  };
  const dashboard = service('dashboard', {
    GRAFANA_SCHEME: 'http',
    GRAFANA_URL: toGrafana.host,
    GRAFANA_USERNAME: 'admin',
    GRAFANA_PASSWORD: 'admin',
    DAPR_BASE_URL: toDapr.url,
    DISCOVER_CLUSTERS: 'false',
    PENDING_INTERVAL: '2s',
    DRIFT_INTERVAL: '15s',
    GRAFANA_LOGIN_PAUSE: `${loginPauseMs}ms`,
  });
  const stack = await startStack({
    apps: [{ ...dashboard, sidecar: { resources: components } }],
  }).catch(async (error: unknown) => {
    await closeAll();
    throw error;
  });
  const app = stack.app(appId);
  toDapr.target = app.sidecar.url;
  const dapr = createDapr({ baseUrl: app.sidecar.url, apiToken: app.sidecar.apiToken });
  const otherClient = createGrafanaClient({
    scheme: 'http',
    url: new URL(grafana.url).host,
    username: 'admin',
    password: 'admin',
    // Also on a machine that is busy: what this client does must be done.
    timeoutMs: 120_000,
  });
  const ledger = createLedger();
  const kills = { service: 0, daprd: 0, redis: 0 };
  const victims = { service: app.process!, daprd: app.sidecar, redis: stack.redis! };
  const down = new Map<Victim, Promise<void>>();
  const token = await stack.identity.mintToken({ permissions: ['cluster:manage'] });
  let foreign = await addForeign(otherClient);
  let wiped = Promise.resolve();
  let poisoned = 0;

  async function fell(victim: Victim, downMs: number): Promise<void> {
    kills[victim] += 1;
    await victims[victim].stop('SIGKILL');
    await sleep(downMs);
    // A sidecar without its Redis ends at once.
    if (victim === 'daprd') await down.get('redis');
    await victims[victim].start();
  }

  async function hasDeadLetters(): Promise<boolean> {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${app.url}/dead-letters?limit=1`, { headers });
    const { data } = (await response.json()) as { data?: { total: number } };
    return (data?.total ?? 0) > 0;
  }

  const chaos: ChaosEnv = {
    ledger,
    grafana,
    otherClient,
    toGrafana,
    toDapr,
    kills,
    records: createRecords(app.sidecar),
    get poisoned() {
      return poisoned;
    },
    async poison(messages) {
      const taken = await Promise.all(messages.map((one) => publishPoison(app.sidecar, one)));
      poisoned += taken.filter(Boolean).length;
    },
    async redisCommand(command) {
      await redisCommands(stack.redis!, command).catch(() => null);
    },
    async kill(victim, downMs) {
      if (down.has(victim)) return;
      // Redis must be there when a sidecar comes up.
      if (victim === 'redis') await down.get('daprd');
      if (down.has(victim)) return;
      const back = fell(victim, downMs).finally(() => down.delete(victim));
      down.set(victim, back);
      await back;
    },
    async publish(event, copies) {
      const { id, kind, time, clusterId, name } = event;
      const data = { cluster_id: clusterId, ...(name !== undefined && { name }) };
      const cloudEvent = { id, source: 'chaos', time };
      const deadline = performance.now() + 60_000;
      const one = async () => {
        for (;;) {
          try {
            await dapr.publish('pubsub', topicOf[kind], data, { cloudEvent });
            return;
          } catch (error) {
            if (performance.now() > deadline) throw error;
            await sleep(200);
          }
        }
      };
      await Promise.all(Array.from({ length: copies }, one));
      ledger.wrote(event);
    },
    async call(method, path) {
      try {
        const headers = { authorization: `Bearer ${token}` };
        const response = await fetch(`${app.url}${path}`, { method, headers });
        await response.body?.cancel();
        return response.status;
      } catch {
        return 0;
      }
    },
    wipe() {
      // One after the other: two at once would add the same titles twice.
      wiped = wiped.then(async () => {
        grafana.wipe();
        foreign = await addForeign(otherClient);
      });
      return wiped;
    },
    async heal({ restart }) {
      toGrafana.heal();
      toDapr.heal();
      await Promise.all(down.values());
      if (restart) {
        await victims.service.stop();
        // A start within the pause would be kept waiting by it, for half an hour.
        await sleep(loginPauseMs * 1.5);
        await victims.service.start();
      }
    },
    async settle(timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        let wrong = differences(grafana, ledger.expected(), foreign);
        // The fake reports its own state; what counts is what another client reads.
        if (wrong.length === 0) {
          const seen = await readSnapshot(grafana.url);
          wrong =
            seen === null
              ? ['Grafana could not be read']
              : differences(seen, ledger.expected(), foreign);
        }
        if (wrong.length === 0 || performance.now() > deadline) return wrong;
        await sleep(500);
      }
    },
    async rest(timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        // Both at once: an event that is still on its way shows in neither alone.
        const expected = ledger.expected();
        const left = [
          ...(await pendingWork(stack, expected)),
          ...differences(grafana, expected, foreign),
          ...(await chaos.records.damage()),
          ...(poisoned > 20 && !(await hasDeadLetters()) ? ['there are no dead letters'] : []),
        ];
        if (left.length === 0 || performance.now() > deadline) return left;
        await sleep(1_000);
      }
    },
    logs: () => victims.service.logs(),
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(down.values());
      await dapr.stop();
      await stack.stop();
      await closeAll();
    },
  };
  return chaos;
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Dashboards and a link that were there before us. */
async function addForeign(otherClient: GrafanaClient): Promise<Foreign[]> {
  const added: Foreign[] = [];
  for (const title of ['Somebody else’s', 'production (3f2b8f0e)']) {
    const uid = `other-${randomUUID().slice(0, 8)}`;
    const dashboard = { uid, title, panels: [], schemaVersion: 37 };
    const { version } = await otherClient.saveDashboard({ dashboard, message: 'Mine' });
    added.push({ uid, title, version });
  }
  return added;
}

interface PendingWork {
  lease: unknown;
  doubtUntil: number | null;
  error: { message: string } | null;
}

/** What the records say is still to be done, one line for each cluster. */
async function pendingWork(stack: Stack, expected: readonly Expected[]): Promise<string[]> {
  const { sidecar } = stack.app(appId);
  const keys = expected.map(({ clusterId }) => `cluster:${clusterId}`);
  const response = await fetch(`${sidecar.url}/v1.0/state/statestore/bulk`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'dapr-api-token': sidecar.apiToken },
    body: JSON.stringify({ keys, parallelism: 16 }),
  });
  const entries = (await response.json()) as { key: string; data?: { work: PendingWork } }[];
  return entries.flatMap(({ key, data }) => {
    if (data === undefined) return [`${key} has no record`];
    const { lease, doubtUntil, error } = data.work;
    if (lease === null && doubtUntil === null && error === null) return [];
    return [`${key} has work left: ${JSON.stringify({ lease, doubtUntil, error })}`];
  });
}
