import { describe, expect, it } from '@jest/globals';
import { clusterHref, readClusterView } from './cluster-url.js';
import { metricsQuery } from './metrics-query.js';

const id = '6f1c7e5e-0000-4000-8000-000000000001';
const queryOf = (href: string) => href.split('?')[1] ?? '';

describe('the URL of a cluster', () => {
  it('says tab, range and node', () => {
    const chosen = { tab: 'nodes', range: { name: '7days' }, node: 'a/b&c' } as const;
    expect(readClusterView(queryOf(clusterHref(id, chosen)))).toEqual(chosen);
    const own = { tab: 'power', range: { from: 1000, to: 2000.5 }, node: undefined } as const;
    expect(readClusterView(queryOf(clusterHref(id, own)))).toEqual(own);
    expect(clusterHref(id)).toBe(`/clusters/${id}`);
  });

  it.each([
    'tab=x',
    'range=year',
    'from=2026-01-02T00:00Z&to=2026-01-01T00:00Z',
    'from=x&to=y',
    'from=-271821-04-20T00:00Z&to=2026-01-01T00:00Z',
    'from=2026-01-01T00:00Z&to=%2B275760-09-13T00:00Z',
  ])('is as usual where it says what there is not: %s', (query) =>
    expect(readClusterView(query)).toEqual({
      tab: 'overview',
      range: { name: 'today' },
      node: undefined,
    }),
  );
});

describe('what is asked of the API for a range', () => {
  const now = Date.parse('2026-11-30T13:05:09Z') / 1000;
  const cluster = (nodes: number) => ({ nodes, zone: 'Asia/Kolkata', now });

  it('is its name', () => {
    expect(metricsQuery({ name: 'today' }, cluster(50))).toEqual({
      time_range: 'today',
      series: 'columns',
      timezone: 'Asia/Kolkata',
    });
    expect(metricsQuery({ name: 'month' }, cluster(500))).toMatchObject({ time_range: 'month' });
  });

  it('is a coarser day where there are many nodes, from midnight in the zone, against yesterday', () => {
    expect(metricsQuery({ name: 'today' }, cluster(500))).toEqual({
      start: String(Date.parse('2026-11-29T18:30:00Z') / 1000),
      end: String(now),
      step: '1800',
      series: 'columns',
      timezone: 'Asia/Kolkata',
      compare: 'day',
    });
  });

  it.each([
    [600, 5, '30'],
    [86_400, 5, '300'],
    [90 * 86_400, 5, '43200'],
    [90 * 86_400, 500, '259200'],
    [5 * 365 * 86_400, 5, '604800'],
  ])('has few points in a window of %d s with %d nodes', (span, nodes, step) => {
    expect(metricsQuery({ from: now - span, to: now }, cluster(nodes))).toMatchObject({ step });
  });
});
