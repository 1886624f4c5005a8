import { describe, expect, it } from '@jest/globals';
import type { ClusterId } from '@bud-monitoring/contracts';
import type { Row } from '../../ports.js';
import { clusterScope } from '../promql/scope.js';
import { conditionsOf, planUnusual } from './conditions.js';

const cluster = '0e000000-0000-4000-8000-000000000001' as ClusterId;
const row = (labels: Record<string, string>, value: number): Row => ({ metric: labels, value });
const of = (figures: Record<string, Row[]>) => conditionsOf((figure) => figures[figure] ?? []);

const ready = (value: number) => [row({ condition: 'Ready' }, value)];
const pressure = (value: number) => [row({ condition: 'MemoryPressure' }, value)];
const status = (condition: string, name: string) => row({ condition, status: name }, 1);

describe('conditions of a node', () => {
  it('are as usual where nothing else was asked', () => {
    expect(of({ 'usual:ready': ready(1), 'usual:others': pressure(1) })).toEqual({
      status: 'Ready',
      conditions: { Ready: 'True', MemoryPressure: 'False' },
    });
    expect(of({})).toEqual({ status: 'Unknown', conditions: {} });
    expect(of({ 'usual:others': pressure(1) })).toEqual({
      status: 'Unknown',
      conditions: { MemoryPressure: 'False' },
    });
  });

  it('are those that hold where they are not', () => {
    const asked = [status('Ready', 'unknown'), status('MemoryPressure', 'true')];
    expect(of({ 'usual:ready': ready(0), 'usual:others': pressure(0), condition: asked })).toEqual({
      status: 'NotReady',
      conditions: { Ready: 'Unknown', MemoryPressure: 'True' },
    });
  });

  it('are missing where they are not as usual and could not be asked: the node is not ready', () => {
    expect(of({ 'usual:ready': ready(0), 'usual:others': pressure(1) })).toEqual({
      status: 'NotReady',
      conditions: { MemoryPressure: 'False' },
    });
  });

  it('are told by what was asked in full where Ready was not told before', () => {
    expect(of({ condition: [status('Ready', 'unknown')] })).toEqual({
      status: 'NotReady',
      conditions: { Ready: 'Unknown' },
    });
  });

  it('are the unusual of two that are told', () => {
    const asked = [status('Ready', 'true'), status('Ready', 'false')];
    expect(of({ 'usual:ready': ready(0), condition: asked })).toEqual({
      status: 'NotReady',
      conditions: { Ready: 'False' },
    });
  });
});

describe('nodes with unusual conditions', () => {
  const scope = clusterScope(
    cluster,
    { networkDeviceExclude: '' },
    new Set(['kube_node_status_condition']),
  );
  const plan = (names: string[]) => {
    const rows = names.map((node) => row({ node, condition: 'Ready' }, 0));
    return planUnusual(scope, new Map([['usual:ready', rows]]), 1000);
  };

  it('are asked by name, all when they are many, and not at all when there are none', () => {
    expect(plan([])).toEqual([]);
    expect(plan(['a.b', 'a.b', 'c'])[0]!.figures[0]!.expr).toContain('node=~"a\\\\.b|c"');
    const lacking = new Map([['kubernetes', [row({ node: 'd' }, 1)]]]);
    expect(planUnusual(scope, lacking, 1000)[0]!.figures[0]!.expr).toContain('node=~"d"');
    const many = Array.from({ length: 1000 }, (_, index) => `n-${index}`);
    expect(plan(many)[0]!.figures[0]!.expr).not.toContain('node=~');
  });
});
