import { loadTemplates } from '../../../services/dashboard/src/domain/templates/load.js';
import type { Template } from '../../../services/dashboard/src/domain/templates/template.js';

/** Templates of one panel each, under the names of the product's own, for tests that make thousands. */
export function smallTemplates(
  expr = 'up{cluster="$cluster"}',
  titles: Record<string, string> = {
    cluster: 'Cluster',
    nodes: 'Nodes',
    power: 'Power',
    workloads: 'Workloads',
  },
): Template[] {
  return loadTemplates(
    Object.entries(titles).map(([name, title]) => ({
      name,
      text: JSON.stringify({
        title: `Kubernetes / ${title}`,
        refresh: '30s',
        schemaVersion: 37,
        panels: [
          {
            id: 1,
            type: 'stat',
            title: 'Up',
            description: 'Targets that are up.',
            datasource: { type: 'prometheus', uid: '$datasource' },
            fieldConfig: { defaults: { unit: 'short' }, overrides: [] },
            targets: [{ refId: 'A', expr }],
          },
        ],
      }),
    })),
  );
}
