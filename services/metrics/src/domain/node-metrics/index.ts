import type { ClusterId, NodeMetrics } from '@bud-monitoring/contracts';
import type { Clock, DirectoryNode, MetricSource, NodeDirectory } from '../../ports.js';
import { settle, type Settled } from '../settle.js';
import type { ClusterLookup } from '../clusters/cluster-lookup.js';
import type { ClusterName } from '../clusters/cluster-name.js';
import { lastSampleFigures, lastSampleIn } from '../metrics/fleet-expressions.js';
import { withGoneNodes } from '../nodes/gone-nodes.js';
import { isReporting, warnOfFuture } from '../nodes/heartbeats.js';
import type { Node } from '../nodes/inventory.js';
import { warnOfIdentity } from '../nodes/read-inventory.js';
import { mergeResults, runQueries, type Query, type QueryResults } from '../promql/queries.js';
import { isPartial, warningsOfNotes, withNotes } from '../promql/store-notes.js';
import type { Probe } from '../targets/probe.js';
import { readCurrentRates } from '../time-base/current-rates.js';
import type { TimeRange } from '../time/time-range.js';
import { mapInTurns } from '../turns/pace.js';
import { createWarnings, type Warnings } from '../warnings.js';
import { planFallback } from './cgroups.js';
import { readFallbackCpu, readStats } from './read-rates.js';
import { planUnusual } from './conditions.js';
import { lacksContainers, lacksSize, lacksSource, toNodeDetail } from './node-detail.js';
import { createNodeFacts, type NodeFacts } from './node-facts.js';
import { planNodeMetrics, rateFigures, withoutMaxAge } from './plan.js';
import { windowOf } from './windows.js';

export interface NodeMetricsOptions {
  source: MetricSource;
  directory: NodeDirectory;
  /** Finds out what a cluster has; remembers it for a while. */
  probe(cluster: ClusterId, window: TimeRange, signal: AbortSignal): Promise<Probe>;
  clusterLookup: ClusterLookup;
  clusterName: ClusterName;
  clock: Clock;
  /** Whether an error says that the store is away, not that it cannot answer a request. */
  isAway(error: unknown): boolean;
}

export interface NodeMetricsAnswer {
  readonly data: NodeMetrics;
  /** Whether nothing failed. */
  readonly complete: boolean;
}

/** Answers how the nodes of a cluster are: by the store, and one call each for bud-cluster's nodes and events. */
export function createNodeMetrics(options: NodeMetricsOptions) {
  const { directory, clusterLookup, clusterName, clock } = options;
  return async function nodeMetrics(
    cluster: ClusterId,
    signal: AbortSignal,
  ): Promise<NodeMetricsAnswer> {
    const end = Math.floor(clock.now() / 1000);
    const window = windowOf(end);
    const listing = settle(directory.nodes(cluster, signal));
    const counting = countEvents(directory, { cluster, listing, signal });
    const probing = settle(options.probe(cluster, window, signal));
    const probe = await clusterLookup.check(cluster, { probing, listing, window, signal });
    const { source, notes } = withNotes(options.source, probe.notes);

    const plan = planNodeMetrics(probe, window);
    const [others, rates] = await Promise.all([
      runQueries(source, plan, signal),
      readCurrentRates(source, {
        scope: probe.scope,
        figuresOf: (scope) => rateFigures(probe, scope),
        at: end,
        semantics: probe.semantics,
        signal,
        group: 'cpu, network statistics',
        apart: true,
      }),
    ]);
    const stats = await readStats(source, { probe, end, signal, targets: rates.targets });
    const live = mergeResults(mergeResults(others, rates.results), stats);
    // What is remembered of the past says nothing of the present: the caller gets the reason.
    const failedFigures = new Set(live.failures.flatMap(({ figures }) => figures));
    const present = plan.filter(({ at, maxAge }) => typeof at === 'number' && maxAge === undefined);
    const hasFailed = ({ figures }: Query) =>
      figures.every(({ figure }) => failedFigures.has(figure));
    if (present.length > 0 && present.every(hasFailed)) throw live.failures[0]?.error;
    const first = await withGoneNodes(live, source, { probe, range: window, signal });
    const [listed, counted] = await Promise.all([listing, counting]);
    const asked = new Set(plan.flatMap(({ figures }) => figures.map(({ figure }) => figure)));
    const facts = await createNodeFacts(first, listed, { targets: rates.targets, end, asked });
    const lacking = facts.nodes.some((node) => lacksSource(facts, node));
    const fallbacks: QueryResults[] = [];
    for (const by of ['root', 'containers'] as const) {
      if (!(by === 'root' ? lacking : lacksContainers(facts, fallbacks))) continue;
      const read = await readFallbackCpu(source, by, { probe, end, signal });
      await facts.add(read.instant);
      fallbacks.push(read);
    }
    const lastSamples = { group: 'last samples', figures: lastSampleFigures(probe.scope), at: end };
    const [second, last] = await Promise.all([
      runQueries(
        source,
        [
          ...(lacking ? planFallback(probe, end) : []),
          ...(facts.nodes.some((node) => lacksSize(facts, node)) ? withoutMaxAge(plan) : []),
          ...planUnusual(probe.scope, first.instant, end),
        ],
        signal,
      ),
      runQueries(source, facts.newest === null ? [lastSamples] : [], signal),
    ]);
    await facts.add(second.instant);

    const warnings = createWarnings();
    const failed = [first, second, last, ...fallbacks].flatMap((one) => one.failures);
    const unread = failed.find(({ error }) => options.isAway(error));
    if (unread !== undefined) throw unread.error;
    for (const group of new Set(failed.map(({ group }) => group))) {
      warnings.add('query_failed', `The store could not answer: ${group}`);
    }
    for (const { code, message } of warningsOfNotes(notes)) warnings.add(code, message);
    const events = eventsByName(counted);
    const nodes = facts.nodes;
    const newest = facts.newest ?? lastSampleIn(last.instant);
    const entries = await mapInTurns(
      nodes,
      (node) => [facts.keyOf(node), toNodeDetail(facts, node, events)] as const,
    );
    warnOfNodes(facts, nodes, warnings);
    warnOfIdentity(facts.identity, {
      clusterLabels: probe.clusterLabels,
      nodes,
      start: window.start,
      keyOf: facts.keyOf,
      warnings,
    });
    warnOfFuture(
      nodes.map((node) => [facts.keyOf(node), facts.read(node)]),
      end,
      warnings,
    );
    facts.implausible.warn(nodes, facts.keyOf, warnings);
    warnOfNeighbour(listed, counted, warnings);
    return {
      data: {
        cluster_id: cluster,
        cluster_name: await clusterName(cluster, signal),
        nodes: Object.fromEntries(entries),
        coverage: {
          nodes_expected: nodes.length,
          nodes_reporting: nodes.filter((node) => isReporting(facts.read(node))).length,
          newest_sample_age_seconds: newest === null ? null : Math.max(0, Math.round(end - newest)),
        },
        warnings: [...warnings.list],
      },
      complete:
        failed.length === 0 && !isPartial(notes) && 'answer' in listed && 'answer' in counted,
    };
  };
}

export type NodeMetricsService = ReturnType<typeof createNodeMetrics>;

/** Events by node; none are asked for of a cluster that bud-cluster does not know: it answers with an error. */
async function countEvents(
  directory: NodeDirectory,
  of: {
    readonly cluster: ClusterId;
    readonly listing: Promise<Settled<readonly DirectoryNode[]>>;
    readonly signal: AbortSignal;
  },
): Promise<Settled<Readonly<Record<string, number>> | null>> {
  const listed = await of.listing;
  if ('answer' in listed && listed.answer.length === 0) return { answer: null };
  return settle(directory.eventCounts(of.cluster, of.signal));
}

/** Counts by lower-case name; `null` where they could not be had. */
function eventsByName(
  counted: Settled<Readonly<Record<string, number>> | null>,
): ReadonlyMap<string, number> | null {
  if ('failed' in counted || counted.answer === null) return null;
  return new Map(
    Object.entries(counted.answer).map(([name, count]) => [name.toLowerCase(), count]),
  );
}

function warnOfNodes(facts: NodeFacts, nodes: readonly Node[], warnings: Warnings): void {
  const keys = (of: (node: Node) => boolean) => nodes.filter(of).map(facts.keyOf);
  const silent = (node: Node) => !facts.failed('replicas') && !isReporting(facts.read(node));
  warnings.add('node_not_reporting', 'No sample of node-exporter in the last 5 minutes', {
    nodes: keys((node) => silent(node) && node.instance !== null),
  });
  warnings.add('node_exporter_missing', 'No node-exporter was seen in the last day', {
    nodes: keys((node) => silent(node) && node.instance === null),
  });
  warnings.add('kubernetes_missing', 'kube-state-metrics says nothing of these nodes', {
    nodes: keys((node) => !facts.identity.kubernetes.has(node)),
  });
}

function warnOfNeighbour(
  listed: Settled<readonly DirectoryNode[]>,
  counted: Settled<unknown>,
  warnings: Warnings,
): void {
  if ('failed' in listed) {
    warnings.add(
      'bud_cluster_unavailable',
      'bud-cluster could not be asked: id and devices are missing',
    );
  }
  if ('answer' in counted && counted.answer === null) {
    warnings.add(
      'bud_cluster_unknown',
      'bud-cluster does not know this cluster: id, devices and events_count are missing',
    );
  }
  if ('failed' in counted) {
    warnings.add(
      'events_unavailable',
      'bud-cluster could not count events: events_count is missing',
    );
  }
}
