import { describe, expect, it } from '@jest/globals';
import { warningsOfLabels, warningsOfSources } from './first-contact.js';
import type { FleetSource } from './plan.js';

const id = '11111111-1111-4111-8111-111111111111';

describe('a store that does not fit', () => {
  it('is told by its cluster labels', () => {
    expect(warningsOfLabels([id, id.toUpperCase()], true)).toEqual([]);
    expect(warningsOfLabels([], true)[0]).toMatchObject({ code: 'no_cluster_label' });
    expect(warningsOfLabels([], true)[0]!.message).toContain('external_labels');
    expect(warningsOfLabels([''], false)[0]!.message).toContain('PROMETHEUS_URL');
    const [foreign] = warningsOfLabels([id, 'prod-east', 'prod-west'], true);
    expect(foreign).toMatchObject({ code: 'cluster_label_format' });
    expect(foreign!.message).toContain('(2): prod-east, prod-west');
  });

  it('is told by the exporters that no cluster has', () => {
    const codes = (...missing: FleetSource[]) =>
      warningsOfSources((source) => !missing.includes(source)).map(({ code }) => code);
    expect(codes()).toEqual([]);
    expect(codes('nodeExporter')).toEqual(['node_exporter_missing']);
    expect(codes('kubeStateMetrics', 'power')).toEqual(['kubernetes_missing', 'power_missing']);
  });
});
