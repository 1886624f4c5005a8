import { topics } from '@bud-monitoring/contracts';
import { manualEditMark } from './grafana-diff.js';
import { sleep, type ChaosEnv } from './chaos-env.js';
import type { Random } from './random.js';
import type { Fault } from './proxy.js';
import { refusals } from '../../support/redis-command.js';
import { makePoison } from './poison.js';
import { otherVersions, type OtherVersion } from './records.js';

/** A disruption of the system; `happen` resolves when it is over. */
export interface Disruption {
  what: string;
  happen(chaos: ChaosEnv): Promise<unknown>;
  /**
   * Whether the service must be restarted: that alone ends a credentials pause at once, and makes its
   * templates the newest again.
   */
  restart?: boolean;
}

const save = /^POST \/api\/dashboards\/db$/;
const share = /^POST \/api\/dashboards\/uid\/[^/]+\/public-dashboards$/;
const change = /^(POST|PUT|PATCH|DELETE) \/api\//;
const any = /^/;
const stateWrite = /^POST \/v1\.0\/state\/statestore$/;
const stateRead = /^POST \/v1\.0\/state\/statestore\/bulk$/;
const publish = /^POST \/v1\.0\/publish\//;

/** The steps of a reconcile, each of which a kill may hit. */
const steps = [
  { name: 'a state write', proxy: 'toDapr', match: stateWrite, upTo: 12 },
  { name: 'a state read', proxy: 'toDapr', match: stateRead, upTo: 12 },
  { name: 'an event', proxy: 'toDapr', match: publish, upTo: 4 },
  { name: 'a save', proxy: 'toGrafana', match: save, upTo: 8 },
  { name: 'a new link', proxy: 'toGrafana', match: share, upTo: 3 },
  { name: 'any change in Grafana', proxy: 'toGrafana', match: change, upTo: 10 },
] as const;

const html: Fault = {
  kind: 'answer',
  status: 200,
  body: '<!doctype html><title>Welcome</title>',
  type: 'text/html',
};
const answer = (status: number, body: unknown): Fault => ({
  kind: 'answer',
  status,
  body: JSON.stringify(body),
});

/** Kinds of disruption, all as likely; `random` decides the details. */
export const disruptionKinds: Record<
  string,
  (random: Random, clusters: readonly string[]) => Disruption
> = {
  'service killed at a step': (random) => {
    const { name, proxy, match, upTo } = random.pick(steps);
    const when = random.pick(['before', 'after'] as const);
    const nth = random.integer(1, upTo);
    const downMs = random.integer(0, 600);
    return {
      what: `the service is killed ${when} ${name}, the ${nth}th`,
      async happen(chaos) {
        const sprung = new Promise<void>((resolve) => {
          chaos[proxy].set({
            match,
            nth,
            when,
            spring: () => {
              const killed = chaos.kill('service', downMs);
              resolve(killed);
              return Promise.resolve();
            },
          });
        });
        await Promise.race([sprung, sleep(4_000)]);
      },
    };
  },
  'service killed': (random) => killed(random, 'service'),
  'daprd killed': (random) => killed(random, 'daprd'),
  'redis killed': (random) => killed(random, 'redis'),
  'state store errors': (random) => {
    const ms = random.integer(200, 3_000);
    const match = random.pick([stateWrite, /^POST \/v1\.0\/state\//]);
    const fault = answer(500, { errorCode: 'ERR_STATE_SAVE', message: 'no space left on device' });
    return timed(`the state store fails for ${ms} ms`, 'toDapr', { match, fault }, ms);
  },
  'grafana down': (random) => {
    const ms = random.integer(200, 4_000);
    return timed(
      `Grafana is down for ${ms} ms`,
      'toGrafana',
      { match: any, fault: { kind: 'cut' } },
      ms,
    );
  },
  'grafana slow': (random) => {
    const wait = random.integer(50, 1_500);
    const ms = random.integer(500, 4_000);
    const fault: Fault = { kind: 'delay', ms: wait };
    return timed(`Grafana takes ${wait} ms for ${ms} ms`, 'toGrafana', { match: any, fault }, ms);
  },
  'grafana too late': (random) => {
    const wait = random.integer(5_200, 9_000);
    const times = random.integer(1, 2);
    const match = random.pick([save, share, change]);
    return limited(`${times} changes take effect ${wait} ms late`, {
      match,
      times,
      fault: { kind: 'delay', ms: wait },
    });
  },
  'grafana 500': (random) => {
    const ms = random.integer(200, 3_000);
    const fault = answer(500, { message: 'Internal server error' });
    return timed(`Grafana answers 500 for ${ms} ms`, 'toGrafana', { match: any, fault }, ms);
  },
  'grafana 401': () => ({
    ...limited('Grafana refuses the login once', {
      match: /^[A-Z]+ \/api\/(?!health)/,
      times: 1,
      fault: answer(401, { message: 'invalid username or password' }),
    }),
    restart: true,
  }),
  'grafana 412': (random) => {
    const times = random.integer(1, 6);
    const fault = answer(412, { status: 'version-mismatch', message: 'changed by someone else' });
    return limited(`${times} saves are refused with 412`, { match: save, times, fault });
  },
  'grafana html': (random) => {
    const times = random.integer(1, 6);
    return limited(`${times} answers are a page`, {
      match: random.pick([any, change]),
      times,
      fault: html,
    });
  },
  'answer lost': (random) => {
    const times = random.integer(1, 4);
    const match = random.pick([save, share, change]);
    return limited(`${times} answers are lost`, { match, times, fault: { kind: 'lose-answer' } });
  },
  'grafana wiped': () => ({
    what: 'Grafana is wiped',
    happen: (chaos) => chaos.wipe(),
  }),
  'edit in grafana': (random, clusters) => {
    const clusterId = random.pick(clusters);
    const deed = random.pick(['edits', 'deletes', 'unshares'] as const);
    const wait = random.integer(300, 2_500);
    return {
      what: `another client ${deed} the dashboard of ${clusterId} after ${wait} ms`,
      async happen({ otherClient }) {
        await sleep(wait);
        const stored = await otherClient.getDashboard(clusterId);
        if (stored === null) return;
        const { dashboard } = stored;
        if (deed === 'deletes') await otherClient.deleteDashboard(clusterId);
        else if (deed === 'edits')
          await otherClient
            .saveDashboard({
              dashboard: {
                ...dashboard,
                title: String(dashboard['title']),
                description: manualEditMark,
              },
              message: 'By hand',
            })
            // The service saved in between.
            .catch(() => undefined);
        else {
          const link = await otherClient.getPublicDashboard(clusterId);
          if (link !== null) await otherClient.deletePublicDashboard(clusterId, link.uid);
        }
      },
    };
  },
  'link rotated': (random, clusters) => {
    const clusterId = random.pick(clusters);
    const wait = random.integer(300, 2_500);
    return {
      what: `a new link for ${clusterId} is asked for after ${wait} ms`,
      async happen(chaos) {
        await sleep(wait);
        await chaos.call('POST', `/clusters/${clusterId}/grafana-dashboard/rotate-link`);
      },
    };
  },
  'poison events': (random) => {
    const messages = makePoison(random);
    return {
      what: `${messages.length} messages that nobody can use are published`,
      happen: (chaos) => chaos.poison(messages),
    };
  },
  'redis refuses writes': (random) => {
    const how = random.pick(Object.keys(refusals) as (keyof typeof refusals)[]);
    const ms = random.integer(200, 4_000);
    return {
      what: `Redis is ${how} for ${ms} ms`,
      async happen(chaos) {
        await chaos.redisCommand(refusals[how].begin);
        await sleep(ms);
        await chaos.redisCommand(refusals[how].end);
      },
    };
  },
  'another version writes': (random, clusters) => {
    const clusterId = random.pick(clusters);
    const version = random.pick(Object.keys(otherVersions) as OtherVersion[]);
    const wait = random.integer(300, 3_000);
    return {
      what: `the record of ${clusterId} is written by a ${version} version after ${wait} ms`,
      async happen({ records }) {
        await sleep(wait);
        await records.rewrite(clusterId, version);
      },
      restart: version === 'later',
    };
  },
  'a record that cannot be read': (random) => {
    const clusterId = random.uuid();
    return {
      what: `${clusterId} has a record of version 99, and gets an event`,
      async happen(chaos) {
        await chaos.records.addUnreadable(clusterId);
        const data = { cluster_id: clusterId, name: 'set aside' };
        const body = JSON.stringify({ specversion: '1.0', id: clusterId, source: 'chaos', data });
        await chaos.poison([{ topic: topics.clusterCreated, body, isRaw: false }]);
      },
    };
  },
};

function killed(random: Random, victim: 'service' | 'daprd' | 'redis'): Disruption {
  const wait = random.integer(0, 1_500);
  const downMs = random.integer(0, 800);
  return {
    what: `${victim} is killed after ${wait} ms, for ${downMs} ms`,
    async happen(chaos) {
      await sleep(wait);
      await chaos.kill(victim, downMs);
    },
  };
}

/** A fault that is there for a while. */
function timed(
  what: string,
  proxy: 'toGrafana' | 'toDapr',
  rule: { match: RegExp; fault: Fault },
  ms: number,
): Disruption {
  return {
    what,
    async happen(chaos) {
      const remove = chaos[proxy].add(rule);
      await sleep(ms);
      remove();
    },
  };
}

/** A fault that hits the next few requests to Grafana. */
function limited(what: string, rule: { match: RegExp; fault: Fault; times: number }): Disruption {
  return {
    what,
    async happen(chaos) {
      chaos.toGrafana.add(rule);
      await sleep(1_000);
    },
  };
}
