import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Stack } from '@bud-monitoring/stack';
import fc from 'fast-check';
import { ask } from './support/ask.js';
import { hostileEvents, hostileRequests, type HostileRequest } from './support/hostile-requests.js';
import type { ServiceName } from './support/operations.js';
import { ours, startSystem } from './support/system.js';

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const count = Number(process.env['FUZZ_REQUESTS'] ?? 2000);

/** Sent at once; what holds an event loop is looked for in each of them. */
const together = 25;
/** No request holds an event loop for longer (ms). */
const longestTurn = 50;
const services = ['bud-metrics', 'bud-dashboard'] as const;

let stack: Stack;
let authorization: string;
beforeAll(async () => {
  stack = await startSystem({ LOG_LEVEL: 'warn' });
  const token = await stack.identity.mintToken({
    permissions: ['cluster:manage'],
    clusters: [ours],
  });
  authorization = `Bearer ${token}`;
}, 180_000);
afterAll(() => stack.stop());

it(
  `${count} random requests and events (FUZZ_SEED=${seed}) get declared answers, end nothing, hold no event loop and show nothing foreign`,
  async () => {
    let failed: string | undefined;
    void stack.failed.then((reason) => (failed = reason));
    const problems: string[] = [];
    for (let done = 0; done < count && problems.length < 10; done += together) {
      const some = { numRuns: together, seed: seed + done };
      const requests = fc.sample(hostileRequests, some);
      const events = fc.sample(hostileEvents, { ...some, numRuns: 3 });
      const held = await heldDuring(
        async () => {
          const found = await Promise.all(requests.map(problemsOf));
          problems.push(...found.flat());
        },
        ...events.map((event) => () => publish(event)),
      );
      for (const service of services) {
        if (held[service] > longestTurn) problems.push(...(await holders(requests, service)));
      }
      if (failed !== undefined) throw new Error(`${failed}, after ${JSON.stringify(requests)}`);
    }
    expect(problems).toEqual([]);
    // Some get through to what is behind the checks.
    expect((statuses[200] ?? 0) / count).toBeGreaterThan(0.1);
    for (const service of services) {
      expect(stack.app(service).process!.logs()).not.toMatch(/nobody caught|failed unexpectedly/);
      expect((await fetch(`${stack.app(service).url}/ready`)).status).toBe(200);
    }
  },
  60_000 + 60 * count,
);

/** How many answers of each status there were. */
const statuses: Record<number, number> = {};

async function problemsOf(request: HostileRequest): Promise<string[]> {
  const { operation, isDeclared, method, path } = request;
  const answer = await ask(stack.app(operation.service).url, request, authorization).catch(
    (error: unknown) => ({ status: 0, type: '', text: String((error as Error).cause ?? error) }),
  );
  statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
  const found = isDeclared
    ? operation.problems(answer)
    : [200, 202, 304, 400, 401, 403, 404, 405, 406, 413, 415, 422, 501, 503].includes(answer.status)
      ? []
      : [`the status ${answer.status}`];
  if (answer.status === 500) found.push('an error of ours');
  if (/foreign/i.test(answer.text)) found.push('shows another cluster');
  const { body = '', headers } = request;
  const shown = `${method} ${path.slice(0, 300)} ${JSON.stringify(headers)} ${body.slice(0, 100)}`;
  return found.map((text) => `${text}: ${shown}: ${answer.text.slice(0, 200)}`);
}

/** By the sidecar, which makes CloudEvents of what is none. */
async function publish(event: string): Promise<void> {
  const { sidecar } = stack.app('bud-dashboard');
  const response = await fetch(`${sidecar.url}/v1.0/publish/pubsub/cluster-created`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'dapr-api-token': sidecar.apiToken },
    body: event,
  });
  await response.text();
}

/** Those of the requests that hold the event loop of a service each time they come alone. */
async function holders(
  requests: readonly HostileRequest[],
  service: ServiceName,
): Promise<string[]> {
  const found = [];
  for (const request of requests.filter(({ operation }) => operation.service === service)) {
    let shortest = Infinity;
    for (let turn = 0; turn < 3 && shortest > longestTurn; turn += 1) {
      const held = await heldDuring(() => problemsOf(request));
      shortest = Math.min(shortest, held[service]);
    }
    if (shortest > longestTurn) {
      const { method, path, body = '' } = request;
      found.push(
        `holds ${shortest.toFixed(0)} ms: ${method} ${path.slice(0, 300)} ${body.slice(0, 300)}`,
      );
    }
  }
  return found;
}

/**
 * For how long work can have held the event loop of each service, ms: its longest turn by the clock, which runs on
 * while others have the processor, and no more than the processor time of its thread.
 */
async function heldDuring(
  ...work: readonly (() => Promise<unknown>)[]
): Promise<Record<ServiceName, number>> {
  await Promise.all(services.map(longestTurnOf));
  const before = await Promise.all(services.map(busyMsOf));
  await Promise.all(work.map((one) => one()));
  const [metrics, dashboard] = await Promise.all(
    services.map(async (service, index) => {
      const busy = (await busyMsOf(service)) - before[index]!;
      return Math.min(busy, await longestTurnOf(service));
    }),
  );
  return { 'bud-metrics': metrics!, 'bud-dashboard': dashboard! };
}

/** Processor time of the thread that has a service's event loop, ms. */
async function busyMsOf(service: ServiceName): Promise<number> {
  const pid = stack.app(service).process!.pid();
  const text = await readFile(`/proc/${String(pid)}/task/${String(pid)}/schedstat`, 'utf8');
  return Number(text.split(' ')[0]) / 1e6;
}

/** The longest turn of a service's event loop since it was asked last, ms; the timer's own 10 ms apart. */
async function longestTurnOf(service: ServiceName): Promise<number> {
  const text = await (await fetch(`${stack.app(service).url}/metrics`)).text();
  const seconds = /^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(text)?.[1];
  if (seconds === undefined) throw new Error(`${service} does not tell of its event loop`);
  return 1000 * Number(seconds) - 10;
}
