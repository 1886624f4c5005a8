import { expect, it } from '@jest/globals';
import type { ClusterMetrics, NodeMetrics } from '@bud-monitoring/contracts';
import { joinNodes, sortNodes } from './node-rows.js';

const metrics = {
  nodes: {
    'a:9100': { node: 'a:9100', hostname: 'node-10', cpu: { usage_percent: 5 } },
    'b:9100': { node: 'b:9100', hostname: 'node-9', cpu: { usage_percent: null } },
    c: { node: 'c', hostname: null, cpu: { usage_percent: 50 } },
  },
} as unknown as ClusterMetrics;
const details = {
  nodes: { a: { node: 'a:9100', status: 'Ready' }, other: { node: 'd', status: 'Ready' } },
} as unknown as NodeMetrics;

it('joins figures and details by the node that both name, and keeps nodes without details', () => {
  expect(joinNodes(metrics, details).map(({ detail }) => detail?.status)).toEqual([
    'Ready',
    undefined,
    undefined,
  ]);
});

it('sorts by numbers in names, and puts what has no value last in either order', () => {
  const rows = joinNodes(metrics, null);
  const order = (by: 'cpu' | 'name', way: 'asc' | 'desc') =>
    sortNodes(rows, by, way).map(({ figures }) => figures.node);
  expect(order('cpu', 'desc')).toEqual(['c', 'a:9100', 'b:9100']);
  expect(order('cpu', 'asc')).toEqual(['a:9100', 'c', 'b:9100']);
  expect(order('name', 'asc')).toEqual(['c', 'b:9100', 'a:9100']);
});
