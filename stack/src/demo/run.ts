import { topics } from '@bud-monitoring/contracts';
import { createDapr } from '@bud-monitoring/client/dapr';
import type { Stack } from '../options.js';
import { startProduct } from '../product.js';
import type { Env } from '../programs/env.js';
import { viaDapr, viaGateway } from './api-clients.js';
import { fetchResults, type DemoResults } from './results.js';
import { environmentNotes } from './environment-notes.js';
import { checkPublicLink, waitForDashboards } from './wait-for-dashboards.js';
import { existingStoreScenario, generatedScenario, type Scenario } from './scenario.js';
import { createSteps, type Screen, type Steps } from './steps.js';
import { report } from './views/report.js';

const PUBSUB = 'pubsub';

export interface DemoOptions {
  /** As for `npm start`: what it names is used instead of started. */
  env: Env;
  screen: Screen;
  signal: AbortSignal;
  /** With everything shown and still running; the demo ends when it resolves. */
  keepRunning: (stack: Stack) => Promise<void>;
}

/** Runs the demo from nothing to clusters with dashboards and figures. The error says what failed. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { screen, signal, keepRunning } = options;
  const env = withOwnIdentity(options.env);
  const storeUrl = env['PROMETHEUS_URL'];
  const steps = createSteps({ screen, total: storeUrl ? 4 : 6, now: () => performance.now() });
  try {
    steps.begin(storeUrl ? 'Start everything' : 'Find or build the programs');
    await using scenario = storeUrl
      ? await existingStoreScenario(storeUrl, env, signal)
      : await generatedScenario(reportHistory(steps), signal);
    await using stack = await startProduct({
      env,
      ...scenario.product,
      report: steps.line,
      signal,
    });
    const token = await stack.identity.mintToken({ permissions: ['cluster:manage'] });
    const results = await Promise.race([
      runScenario({ stack, scenario, steps, token, signal }),
      stack.failed.then((reason) => Promise.reject(new Error(reason))),
    ]);
    const { gateway, identity } = stack;
    const access = {
      gateway: gateway?.url ?? '',
      console: gateway?.console
        ? { url: gateway.console.url, password: identity.signIn.password }
        : null,
      token,
    };
    screen.write(`${report(results, access, screen.style)}\n`);
    for (const note of [...scenario.leftOut, ...environmentNotes(options.env)]) {
      screen.write(`\n  ${screen.style.warning('!')} ${note}\n`);
    }
    await keepRunning(stack);
  } catch (error) {
    steps.fail();
    throw error;
  }
}

/** The demo makes its tokens itself, so both services must trust its own issuer. */
function withOwnIdentity(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('AUTH_')));
}

function reportHistory(steps: Steps) {
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
async function runScenario(options: {
  stack: Stack;
  scenario: Scenario;
  steps: Steps;
  token: string;
  signal: AbortSignal;
}): Promise<DemoResults> {
  const { stack, scenario, steps, token, signal } = options;
  await scenario.begin(stack);
  const { sidecar } = stack.app('bud-cluster');
  const connection = createDapr({ baseUrl: sidecar.url, apiToken: sidecar.apiToken });
  try {
    const dapr = viaDapr(connection, token, signal);
    const gateway = viaGateway(stack.gateway?.url ?? '', token, signal);

    steps.begin(`Publish ${topics.clusterCreated} through Dapr`);
    for (const { id, name } of scenario.clusters) {
      const event = { cluster_id: id, name };
      await connection.publish(PUBSUB, topics.clusterCreated, event, { signal });
    }
    steps.note(`${scenario.clusters.length} events`);

    steps.begin('Wait for the dashboards');
    let ready = 0;
    const clusters = await Promise.all(
      scenario.clusters.map(async (cluster) => {
        await waitForDashboards(dapr, cluster, signal);
        const dashboard = await gateway.dashboard(cluster.id);
        if (dashboard.url !== null) await checkPublicLink(dashboard.url, signal);
        ready += 1;
        steps.note(
          `${ready} of ${scenario.clusters.length} clusters have theirs, with a public link`,
        );
        return { ...cluster, dashboard };
      }),
    );

    steps.begin('Ask for the figures');
    await scenario.filled(stack, signal);
    const results = await fetchResults({ clusters, live: scenario.live, dapr, gateway });
    steps.end();
    return results;
  } finally {
    await connection.stop();
  }
}
