import { cluster } from './clusters/cluster.js';
import { dashboardJson, type TemplateSource } from './builder/dashboard.js';
import { gpu } from './clusters/gpu.js';
import { inference } from './clusters/inference.js';
import { nodes } from './clusters/nodes.js';
import { power } from './clusters/power.js';
import { workloads } from './clusters/workloads.js';
import { fleet, recordedFleet } from './fleet.js';
import { product } from './product.js';

const sources: readonly TemplateSource[] = [
  cluster,
  nodes,
  workloads,
  power,
  gpu,
  inference,
  product,
  fleet,
  recordedFleet,
];

/** The text of every built-in template in `templates/`, by file name. */
export function templateFiles(): Map<string, string> {
  return new Map(
    sources.map((source) => [
      `${source.name}.json`,
      `${JSON.stringify(dashboardJson(source), null, 2)}\n`,
    ]),
  );
}
