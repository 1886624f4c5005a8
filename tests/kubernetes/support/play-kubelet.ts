import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiServer } from './api-server.js';
import type { PodSpec } from './chart.js';

/**
 * Waits for a pod, runs the command of its container here and says in its status how it ended, as a kubelet does.
 * `map` gives the origin that stands for one of the cluster. Resolves with what the container wrote.
 */
export async function runPod(
  server: ApiServer,
  name: string,
  map: Readonly<Record<string, string>>,
): Promise<string> {
  const { command = [] } = (await podOf(server, name)).containers[0] ?? {};
  const [, ...args] = command;
  const { code, output } = await node(args, map);
  const status = { phase: code === 0 ? 'Succeeded' : 'Failed' };
  const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify({ status })];
  await server.kubectl(['patch', 'pod', name, '-n', 'bud', ...patch]);
  return output;
}

async function podOf(server: ApiServer, name: string): Promise<PodSpec> {
  for (let tries = 0; tries < 300; tries += 1) {
    const found = await server
      .kubectl(['get', 'pod', name, '-n', 'bud', '-o', 'json'])
      .catch(() => null);
    const pod = found === null ? null : (JSON.parse(found) as Pod);
    if (pod?.status?.phase === 'Pending') return pod.spec;
    await sleep(200);
  }
  throw new Error(`there is no pod ${name}`);
}

interface Pod {
  spec: PodSpec;
  status?: { phase: string };
}

function node(
  args: readonly string[],
  map: Readonly<Record<string, string>>,
): Promise<{ code: number; output: string }> {
  const names = `const map = ${JSON.stringify(map)};
    const ask = fetch;
    globalThis.fetch = (url, init) => {
      const { origin, pathname } = new URL(url);
      return ask((map[origin] ?? origin) + pathname, init);
    };`;
  const preload = ['--import', `data:text/javascript,${encodeURIComponent(names)}`];
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [...preload, ...args],
      { env: {}, timeout: 60_000 },
      (error, out, said) => {
        resolve({ code: error === null ? 0 : (child.exitCode ?? 1), output: out + said });
      },
    );
  });
}
