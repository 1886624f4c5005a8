import { cluster } from './cluster.js';
import { dashboardJson, type TemplateSource } from './dashboard.js';
import { gpu } from './gpu.js';
import { nodes } from './nodes.js';
import { power } from './power.js';
import { product } from './product.js';

const sources: readonly TemplateSource[] = [cluster, nodes, power, gpu, product];

/** The text of every built-in template in `templates/`, by file name. */
export function templateFiles(): Map<string, string> {
  return new Map(
    sources.map((source) => [
      `${source.name}.json`,
      `${JSON.stringify(dashboardJson(source), null, 2)}\n`,
    ]),
  );
}
