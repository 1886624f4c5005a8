import { topics } from '@bud-monitoring/contracts';
import { createDapr } from '@bud-monitoring/client/dapr';
import type { Stack } from '../options.js';
import { startProduct } from '../product.js';
import type { Env } from '../programs/env.js';
import { throughDapr, throughGateway } from './callers.js';
import { gather, type Findings } from './findings.js';
import { foreignNotes } from './left-out.js';
import { opens, untilProvisioned } from './provision.js';
import { foreignScene, ownScene, type Scene } from './scene.js';
import { createSteps, type Screen, type Steps } from './steps.js';
import { report } from './views/report.js';

const PUBSUB = 'pubsub';

export interface DemoOptions {
  /** As for `npm start`: what it names is used instead of started. */
  env: Env;
  screen: Screen;
  signal: AbortSignal;
  /** With everything shown and still running; the demo ends when it resolves. */
  linger: (stack: Stack) => Promise<void>;
}

/** From nothing to clusters with dashboards and figures. Throws with what failed, in plain words. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { screen, signal, linger } = options;
  const env = withOwnIdentity(options.env);
  const storeUrl = env['PROMETHEUS_URL'];
  const steps = createSteps({ screen, total: storeUrl ? 4 : 6, now: () => performance.now() });
  try {
    steps.begin(storeUrl ? 'Start everything' : 'Find or build the programs');
    await using scene = storeUrl
      ? await foreignScene(storeUrl, env, signal)
      : await ownScene(watchHistory(steps), signal);
    await using stack = await startProduct({ env, ...scene.product, report: steps.line, signal });
    const token = await stack.identity.mintToken({ permissions: ['cluster:manage'] });
    const findings = await Promise.race([
      play({ stack, scene, steps, token, signal }),
      stack.failed.then((reason) => Promise.reject(new Error(reason))),
    ]);
    const doors = { gateway: stack.gateway?.url ?? '', token };
    screen.write(`${report(findings, doors, screen.ink)}\n`);
    for (const note of [...scene.leftOut, ...foreignNotes(options.env)]) {
      screen.write(`\n  ${screen.ink.doubtful('!')} ${note}\n`);
    }
    await linger(stack);
  } catch (error) {
    steps.fail();
    throw error;
  }
}

/** The demo makes its tokens itself, so both services must trust its own issuer. */
function withOwnIdentity(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('AUTH_')));
}

function watchHistory(steps: Steps) {
  return {
    onHistory: () => steps.begin('Generate and load two months of history'),
    onProgress: ({
      samples,
      slicesDone,
      slices,
    }: {
      samples: number;
      slicesDone: number;
      slices: number;
    }) => steps.note(`${(samples / 1e6).toFixed(1)} M samples, part ${slicesDone} of ${slices}`),
    onLoaded: () => steps.begin('Start everything'),
  };
}

/** What happens once everything runs, from the events to the figures. */
async function play(options: {
  stack: Stack;
  scene: Scene;
  steps: Steps;
  token: string;
  signal: AbortSignal;
}): Promise<Findings> {
  const { stack, scene, steps, token, signal } = options;
  await scene.begin(stack);
  const { sidecar } = stack.app('bud-cluster');
  const connection = createDapr({ baseUrl: sidecar.url, apiToken: sidecar.apiToken });
  try {
    const dapr = throughDapr(connection, token, signal);
    const gateway = throughGateway(stack.gateway?.url ?? '', token, signal);

    steps.begin(`Publish ${topics.clusterCreated} through Dapr`);
    for (const { id, name } of scene.clusters) {
      const event = { cluster_id: id, name };
      await connection.publish(PUBSUB, topics.clusterCreated, event, { signal });
    }
    steps.note(`${scene.clusters.length} events`);

    steps.begin('Wait for the dashboards');
    let ready = 0;
    const clusters = await Promise.all(
      scene.clusters.map(async (cluster) => {
        await untilProvisioned(dapr, cluster, signal);
        const dashboard = await gateway.dashboard(cluster.id);
        if (dashboard.url !== null) await opens(dashboard.url, signal);
        ready += 1;
        steps.note(`${ready} of ${scene.clusters.length} clusters have theirs, with a public link`);
        return { ...cluster, dashboard };
      }),
    );

    steps.begin('Ask for the figures');
    await scene.filled(stack, signal);
    const findings = await gather({ clusters, live: scene.live, dapr, gateway });
    steps.end();
    return findings;
  } finally {
    await connection.stop();
  }
}
