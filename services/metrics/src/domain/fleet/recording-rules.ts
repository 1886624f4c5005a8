import { secondExporters } from '@bud-monitoring/contracts';
import {
  allCores,
  busyCores,
  memoryFree,
  memoryTotal,
  newestSample,
  nodeReady,
  plausibleFree,
  storageFree,
  storageTotal,
} from '../metrics/fleet-expressions.js';
import {
  overRateWindows,
  recordedFigures,
  type RecordingRule,
} from '../targets/recorded-figures.js';
import { fleetScope, type ScopeSettings } from '../promql/scope.js';
import { day } from '../time/time-range.js';
import { kubernetesNodeLabels } from '../targets/node-labels.js';
import { mostNeed, silentAfter } from './need.js';

/** The series by which the fleet is sorted. */
export const needSeries = 'cluster:bud_need:score';

/** Of several exporters of a machine all but one, which are not added up. */
const secondExporter = 'instance:bud_second_exporter:info';
/** The series that the state of a cluster follows from, with its alerts. */
export const stateSeries = {
  newest: 'cluster:bud_newest_sample_timestamp_seconds:max',
  nodes: 'cluster:bud_nodes:count',
  ready: 'cluster:bud_nodes_ready:count',
};
const { newest, nodes, ready } = stateSeries;
const of = (what: string, unit: string) => `cluster:bud_${what}:${unit}`;

/**
 * The rules of the fleet, of every cluster the same figures as `GET /clusters` computes, in the order in which they
 * depend on each other. CPU is a rate over the shortest window in which a node has two samples.
 */
export function fleetRules(settings: ScopeSettings): RecordingRule[] {
  const scope = fleetScope(settings);
  const kubernetes = scope.select('kube_node_info');
  const overMachines = (expr: string) =>
    `sum by (cluster) ((${expr}) unless on (cluster, instance) ${secondExporter})`;
  const shared = (
    id: 'memory' | 'storage',
    expressions: { readonly total: string; readonly free: string },
  ): RecordingRule[] => {
    const { total, free } = recordedFigures[id];
    const counted = plausibleFree(total, free);
    const [all, rest] = [of(`${id}_total`, 'bytes'), of(`${id}_free`, 'bytes')];
    return [
      { record: total, expr: expressions.total },
      { record: free, expr: expressions.free },
      { record: all, expr: overMachines(`${total} and ${counted}`) },
      { record: rest, expr: overMachines(counted) },
      { record: of(id, 'percent'), expr: `100 * (1 - ${rest} / ${all})` },
    ];
  };
  const [busyTotal, cores] = [of('cpu_busy', 'cores'), of('cpu', 'cores')];
  const heard = `max by (cluster) (${newestSample(scope)} or timestamp(${kubernetes}))`;
  return [
    // It carries on what it said before, for a day: a cluster that fell silent has no other sign.
    {
      record: newest,
      expr: `${heard} or last_over_time(${newest}[5m]) > time() - ${day}`,
    },
    {
      record: secondExporter,
      expr: secondExporters(scope.select('node_uname_info'), 'cluster, '),
    },
    {
      record: nodes,
      expr: `count by (cluster) (max by (cluster, ${kubernetesNodeLabels}) (${kubernetes})) or count by (cluster) ((${newestSample(scope)}) unless on (cluster, instance) ${secondExporter})`,
    },
    { record: ready, expr: `sum by (cluster) (${nodeReady(scope)})` },
    { record: cores, expr: overMachines(allCores(scope)) },
    {
      record: recordedFigures.busyCores,
      expr: overRateWindows((rateOf) => busyCores(scope, rateOf)),
    },
    { record: busyTotal, expr: overMachines(recordedFigures.busyCores) },
    { record: of('cpu', 'percent'), expr: `100 * ${busyTotal} / ${cores}` },
    ...shared('memory', { total: memoryTotal(scope), free: memoryFree(scope) }),
    ...shared('storage', { total: storageTotal(scope), free: storageFree(scope) }),
    { record: needSeries, expr: needExpression() },
  ];
}

/** `needOf` in PromQL, over what the other rules recorded. */
function needExpression(): string {
  const orNone = (expr: string) => `(${expr} or 0 * ${newest})`;
  const silent = `${mostNeed} * (time() - ${newest} > bool ${silentAfter})`;
  const unready = `100 * (2 - ${ready} / ${nodes}) and ${ready} < ${nodes}`;
  const shares = ['cpu', 'memory', 'storage'].map(
    (id) => `label_replace(${of(id, 'percent')}, "of", "${id}", "", "")`,
  );
  const fullest = `max by (cluster) (${shares.join(' or ')})`;
  return `clamp_max(${silent} + ${orNone(unready)} + ${orNone(fullest)}, ${mostNeed})`;
}
