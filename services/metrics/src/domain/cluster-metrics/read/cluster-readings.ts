import type { MetricSource } from '../../../ports.js';
import { powerTargets } from '../../metrics/power.js';
import { withGoneNodes } from '../../nodes/gone-nodes.js';
import { withNearbyNodes } from '../../nodes/nearby-nodes.js';
import { countNodes } from '../../nodes/node-info.js';
import { heldSinceOf } from '../../nodes/read-inventory.js';
import { mergeResults, runQueries, type QueryResults } from '../../promql/queries.js';
import type { Scope } from '../../promql/scope.js';
import { groupsOf } from '../../time-base/counter-figure.js';
import { readCurrentRates, type CurrentRates } from '../../time-base/current-rates.js';
import { quantitiesOf } from '../plan/groups.js';
import { planInstant } from '../plan/instant.js';
import { planMeans, planSteps, type MeanPart } from '../plan/means.js';
import { targetFigures } from '../plan/targets.js';
import { readBlocks, type Block, type PartResults } from './blocks.js';
import { withLoneSamples } from './lone-samples.js';
import { withNewHolders } from './new-holders.js';
import type { ReadRequest } from './request.js';
import { withSaneEnergy } from './sane-energy.js';
import { withSaneGauges, type Wrong } from './sane-gauges.js';
import { withSaneMeans } from './sane-means.js';
import { readSeries } from './series.js';

/** Most nodes with which an answer carries series unless the request says otherwise. */
export const seriesNodes = 50;

/** Everything the store answered. */
export interface ClusterReadings {
  /** At the end of the window. */
  readonly now: QueryResults;
  /** The blocks of the window and of the one before. */
  readonly blocks: readonly Block[];
  /** What of the window was left out of them. */
  readonly implausible: readonly Wrong[];
  readonly means: readonly QueryResults[];
  readonly series: QueryResults | null;
  readonly seriesLeftOut: boolean;
}

/** Reads what an answer needs; throws the first failure where all requests failed. */
export async function readCluster(
  source: MetricSource,
  request: ReadRequest,
): Promise<ClusterReadings> {
  const { probe, window, selection, query, signal } = request;
  const readingRates = readRates(source, request);
  const readNow = async () => {
    const live = await runQueries(source, planInstant(probe, window, selection), signal);
    const since = window.previous.start;
    const all = await withGoneNodes(live, source, { probe, range: window, since, signal });
    const near = { scope: probe.scope, end: window.end, now: request.now, signal };
    const named = await withNearbyNodes(all, source, near);
    return mergeResults(named, (await readingRates).results);
  };
  const readingNow = readNow();
  const hasSeries = async () => {
    if (query.series !== undefined) return query.series !== 'false';
    // The number of nodes decides, so this waits for it; it is the cheapest of all requests.
    const known = countNodes(await readingNow);
    return (query.node === undefined ? known : Math.min(known, query.node.length)) <= seriesNodes;
  };
  const readingSteps = async (): Promise<PartResults[]> => {
    const parts = planSteps(probe, window, selection);
    return parts.length > 0 && (await hasSeries()) ? readParts(parts) : [];
  };
  const readPart = async (part: MeanPart): Promise<PartResults> => ({
    part,
    results: await runQueries(source, part.queries, signal),
  });
  // Of thousands of devices each part is long work for the store: together they would run out of time.
  const readParts = (parts: readonly MeanPart[]) =>
    selection.gpuVendors.length > 0
      ? oneByOne(parts, readPart)
      : Promise.all(parts.map((part) => readPart(part)));
  const [now, rates, beside, steps, withSeries] = await Promise.all([
    readingNow,
    readingRates,
    readParts(planMeans(probe, window, selection)),
    readingSteps(),
    hasSeries(),
  ]);
  // What is known of the past is of no use alone.
  if (now.sent > 0 && now.failures.length === now.sent) throw now.failures[0]?.error;
  // Without heartbeats every node would be said to be silent.
  const unheard = now.failures.find(({ figures }) => figures.includes('replicas'));
  if (unheard !== undefined) throw unheard.error;
  const means = await Promise.all(beside.map((part) => inTime(source, request, part)));
  const newest = rates.targets;
  const since = heldSinceOf(now.instant);
  const found = await readBlocks(source, { ...request, parts: [...means, ...steps], newest });
  const { counters } = targetFigures(probe, selection)(probe.scope);
  const whole = { ...found, blocks: withLoneSamples(found.blocks, counters) };
  const withEnergy = await withSaneEnergy(source, { ...request, ...whole });
  const sane = await withSaneMeans(source, { ...request, blocks: withEnergy });
  const read = { ...whole, blocks: sane.blocks };
  const series = withSeries ? await readSeries(source, request, { ...read, newest, steps }) : null;
  const own = read.blocks.filter(({ belongsTo }) => belongsTo !== 'series');
  const held = await withNewHolders(source, { ...request, blocks: own, newest, since });
  return {
    now,
    ...(await withSaneGauges(source, { ...request, blocks: held })),
    means: [...means.map(({ results }) => results), ...found.failed, ...sane.failed],
    series,
    seriesLeftOut: !withSeries && query.series === undefined,
  };
}

/** Current rates, and the newest samples of whatever has means. */
function readRates(
  source: MetricSource,
  { probe, window, selection, signal }: ReadRequest,
): Promise<CurrentRates> {
  const { scope, semantics } = probe;
  const power = selection.power ? powerTargets(scope) : { counters: [], gauges: [] };
  return readCurrentRates(source, {
    scope,
    figuresOf: (own: Scope) =>
      quantitiesOf(selection, scope).flatMap((quantity) => quantity.counters(own)),
    at: window.end,
    semantics,
    signal,
    group: 'cpu, network',
    others: groupsOf([...power.counters, ...power.gauges]).filter(({ many }) => many !== true),
  });
}

/** A part that ran out of time beside all others, asked for once more now that those are answered. */
async function inTime(
  source: MetricSource,
  { isSlow, signal }: ReadRequest,
  { part, results }: PartResults,
): Promise<PartResults> {
  const slow = results.failures.filter(({ error }) => isSlow(error));
  if (slow.length === 0) return { part, results };
  const failures = results.failures.filter((failure) => !slow.includes(failure));
  const missing = new Set(slow.flatMap(({ figures }) => figures));
  const queries = part.queries.filter(({ figures }) =>
    figures.some(({ figure }) => missing.has(figure)),
  );
  const again = await runQueries(source, queries, signal);
  return { part, results: mergeResults({ ...results, failures }, again) };
}

async function oneByOne<T, R>(items: readonly T[], make: (item: T) => Promise<R>): Promise<R[]> {
  const made: R[] = [];
  for (const item of items) made.push(await make(item));
  return made;
}
