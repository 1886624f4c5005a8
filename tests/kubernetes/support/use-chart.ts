import { startSupervisor } from '@bud-monitoring/stack';
import { afterAll, beforeAll } from '@jest/globals';
import { startApiServer, type ApiServer } from './api-server.js';
import { openChart, type Chart } from './chart.js';
import { kubernetesPrograms } from '../../../stack/src/opt-in/kubernetes.js';

const MINUTE = 60_000;

/** A kube-apiserver with a namespace `bud` that admits restricted pods only, and the chart. */
export interface ChartStand {
  readonly server: ApiServer;
  readonly chart: Chart;
}

/** Starts them before the tests of a file and ends them after. */
export function useChart(take: (stand: ChartStand) => void): void {
  const cleanup: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    const supervisor = await startSupervisor();
    cleanup.push(() => supervisor.stop());
    const report = (line: string) => void process.stderr.write(`${line}\n`);
    const context = { env: process.env, report, supervisor };
    const programs = await kubernetesPrograms(context);
    const server = await startApiServer(context, programs);
    cleanup.push(() => server.stop());
    await server.kubectl(['create', 'namespace', 'bud']);
    const restricted = 'pod-security.kubernetes.io/enforce=restricted';
    await server.kubectl(['label', 'namespace', 'bud', restricted]);
    take({ server, chart: openChart(context, programs.helm) });
  }, 40 * MINUTE);
  afterAll(async () => {
    for (const end of cleanup.reverse()) await end();
  }, MINUTE);
}
