import { basename } from 'node:path';

/** Name of an object of Kubernetes for a template's file. */
const nameOf = (file: string): string => `bud-monitoring-${basename(file, '.json')}`;

const list = (items: unknown[]): string =>
  `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 2)}\n`;

/**
 * The templates as others import them, by file name: as ConfigMaps for the sidecar of Grafana's chart, and
 * as resources of grafana-operator. Data source and cluster are chosen in the dashboard there.
 */
export function exportedFiles(templates: ReadonlyMap<string, string>): Map<string, string> {
  const files = [...templates];
  return new Map([
    [
      'configmaps.json',
      list(
        files.map(([file, text]) => ({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: nameOf(file), labels: { grafana_dashboard: '1' } },
          data: { [basename(file)]: text },
        })),
      ),
    ],
    [
      'grafana-operator.json',
      list(
        files.map(([file, text]) => ({
          apiVersion: 'grafana.integreatly.org/v1beta1',
          kind: 'GrafanaDashboard',
          metadata: { name: nameOf(file) },
          spec: { instanceSelector: { matchLabels: { dashboards: 'grafana' } }, json: text },
        })),
      ),
    ],
  ]);
}
