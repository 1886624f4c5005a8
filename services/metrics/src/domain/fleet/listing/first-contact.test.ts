import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import type { FleetSource } from '../summary/plan.js';
import { warningsOfTimes } from './cluster-times.js';
import { isFault, warningsOfSources, warningsOfStore, type StoreFacts } from './first-contact.js';

const id = clusterIdSchema.parse('11111111-1111-4111-8111-111111111111');
const day = 86_400;
const fine: StoreFacts = {
  labels: [id, id.toUpperCase()],
  hasSeries: true,
  retention: 60 * day,
  notes: new Set(),
};
const only = (facts: Partial<StoreFacts>) => {
  const warnings = warningsOfStore({ ...fine, ...facts });
  expect(warnings).toHaveLength(1);
  return warnings[0]!;
};

describe('a store that does not fit', () => {
  it('is told by its cluster labels', () => {
    expect(warningsOfStore(fine)).toEqual([]);
    expect(only({ labels: [] })).toMatchObject({ code: 'no_cluster_label' });
    expect(only({ labels: [] }).message).toContain('external_labels');
    expect(only({ labels: [''], hasSeries: false }).message).toContain('PROMETHEUS_URL');
    const foreign = only({ labels: [id, 'prod-east', 'prod-west'] });
    expect(foreign).toMatchObject({ code: 'cluster_label_format' });
    expect(foreign.message).toContain('(2): prod-east, prod-west');
    expect(isFault(foreign)).toBe(true);
  });

  it('is told by its clock, what it keeps, and since when a cluster is there', () => {
    const [ahead, young] = warningsOfTimes([
      { young: [], ahead: new Map([[id, 120.4]]) },
      { young: [id], ahead: new Map() },
    ]);
    expect(ahead).toMatchObject({ code: 'samples_from_future' });
    expect(ahead!.message).toMatch(/120 s ahead .*NTP/);
    const short = only({ retention: 15.5 * day });
    expect(short).toMatchObject({ code: 'retention_short' });
    expect(short.message).toMatch(/15 days.*storage.tsdb.retention.time/);
    expect(young).toMatchObject({ code: 'cluster_young' });
    expect(young!.message).toContain(`(clusters: 1: ${id})`);
    expect([ahead!, short, young!].map(isFault)).toEqual([true, false, false]);
    expect(warningsOfStore({ ...fine, retention: null })).toEqual([]);
  });

  it('is told of no label to those who see some clusters only', () => {
    const facts = { ...fine, labels: ['prod-east'] };
    expect(warningsOfStore(facts, new Set([id]))).toEqual([]);
  });

  it('is told by the exporters that no cluster has', () => {
    const codes = (...missing: FleetSource[]) =>
      warningsOfSources((source) => !missing.includes(source)).map(({ code }) => code);
    expect(codes()).toEqual([]);
    expect(codes('nodeExporter')).toEqual(['node_exporter_missing']);
    expect(codes('kubeStateMetrics', 'power')).toEqual(['kubernetes_missing', 'power_missing']);
  });
});
