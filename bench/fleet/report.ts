import { cpus } from 'node:os';
import { keepResults, Rows } from '../rows.js';
import { nodesPerCluster } from './data.js';
import type { Cost } from './stand.js';

/** The size that is wanted; what is not measured there follows from growth. */
const goal = 10_000;

/** What was measured at one size. */
export interface Measured {
  readonly clusters: number;
  readonly page: Cost;
  readonly needed: Cost;
  readonly pass: Cost;
  readonly rules: number;
  readonly recordedPage: Cost;
  readonly recordedNeed: Cost;
  readonly recordedPass: Cost;
  readonly memory: { readonly service: number; readonly store: number };
  readonly series: number;
  readonly filled: number;
}

/** Keeps what was measured so far, and what an idle fleet of the last size costs. */
export async function keepFigures(measured: readonly Measured[], idle?: Cost): Promise<void> {
  const largest = measured.at(-1);
  const smaller = measured.at(-2);
  const rows = new Rows();
  const seconds = (value: number) => `${value.toFixed(value < 1 ? 2 : 1)} s`;

  /** A figure at each size, and as it grows from the last two to the size that is wanted. */
  function grown(of: (at: Measured) => number, write: (value: number) => string): string {
    const told = measured.map((at) => `${at.clusters}: ${write(of(at))}`);
    if (largest === undefined || smaller === undefined || largest.clusters >= goal)
      return told.join(', ');
    const slope = (of(largest) - of(smaller)) / (largest.clusters - smaller.clusters);
    const far = of(largest) + slope * (goal - largest.clusters);
    return `${told.join(', ')}; ${goal} by growth: ${write(Math.max(0, far))}`;
  }
  /** The time a cluster takes at the largest size against the size before. */
  function perCluster(of: (at: Measured) => number): string {
    if (largest === undefined || smaller === undefined) return 'one size only';
    const ratio = of(largest) / largest.clusters / (of(smaller) / smaller.clusters);
    return `${ratio.toFixed(2)} x from ${smaller.clusters} to ${largest.clusters} clusters`;
  }
  const whole = (value: number) => value.toFixed(0);
  const counts = (of: (at: Measured) => Cost) =>
    [
      `requests ${grown((at) => of(at).requests, whole)}`,
      `samples ${grown((at) => of(at).samples, whole)}`,
      `processor time of service and store, less what the store takes to be written to, ${grown((at) => of(at).cpu.service + of(at).cpu.store, seconds)}`,
    ].join('; ');

  for (const [what, of, wanted] of [
    ['without rules', (at) => at.page, 'below 1 s at 1000'],
    ['with the rules', (at) => at.recordedPage, `below 1 s at ${goal}`],
    ['by need, with the rules', (at) => at.recordedNeed, `below 1 s at ${goal}`],
  ] as const satisfies [string, (at: Measured) => Cost, string][]) {
    rows.add(
      `\`/clusters?limit=100\`, first page, nothing kept, ${what}`,
      grown((at) => of(at).seconds, seconds),
      wanted,
    );
    rows.add('what that takes', counts(of), 'the same requests at each size');
  }
  rows.add(
    'first page by need without rules: all clusters by shards, and kept then (a request ends after 30 s)',
    grown((at) => at.needed.seconds, seconds),
    'told beside them',
  );
  for (const [what, of] of [
    ['without rules', (at) => at.pass],
    ['with the rules', (at) => at.recordedPass],
  ] as const satisfies [string, (at: Measured) => Cost][]) {
    rows.add(
      `a pass of the alerts, ${what}`,
      grown((at) => of(at).seconds, seconds),
      'below ALERT_INTERVAL (1 min)',
    );
    rows.add('what that takes', counts(of), 'a fixed number of requests a shard');
    rows.add(
      'its processor time a cluster, of service and store together',
      perCluster((at) => of(at).cpu.service + of(at).cpu.store),
      'at most 1.2 x',
    );
  }
  rows.add(
    'one evaluation of all recording rules in the store',
    grown((at) => at.rules, seconds),
    'below its interval (1 min)',
  );
  rows.add(
    'most memory of bud-metrics',
    grown(
      (at) => at.memory.service,
      (mb) => `${mb.toFixed(0)} MB`,
    ),
    'below 512 MB',
  );
  if (idle !== undefined && largest !== undefined) {
    const share = (cpu: number, over: number) => `${((100 * cpu) / over).toFixed(1)} %`;
    rows.add(
      `an idle fleet of ${largest.clusters} with the rules: share of a core, over ${idle.seconds.toFixed(0)} s of ticks`,
      `bud-metrics ${share(idle.cpu.service, idle.seconds)}; the store ${share(idle.cpu.store, idle.seconds)}, most of it for the rules`,
      `below 5 % in the service at ${goal}`,
    );
  }
  await keepResults(
    'fleet',
    rows.document('What costs by the size of a fleet', [
      `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, Prometheus 3.16.0; ${cpus().length} cores shared by everything, other work on them.`,
      `${nodesPerCluster} nodes a cluster, 23 series a node, a sample a minute; one cluster in 100 has alerts on all its nodes.`,
      `Written by remote write: ${measured.map((at) => `${at.series} series in ${at.filled.toFixed(0)} s`).join(', ')}.`,
      `"By growth" is what the last two sizes make of ${goal} clusters. Made by \`npm run bench:fleet\`.`,
    ]),
  );
}
