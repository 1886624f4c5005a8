import { c, firstOf } from './queries.js';

/** One GPU of a vendor under the labels `node` and `gpu`, its number there: what people call it. */
const named =
  (labels: { all: string; node: string; gpu: string }) =>
  (expr: string): string => {
    const node = `label_replace(max by (${labels.all}) (${expr}), "node", "$1", "${labels.node}", "(.+)")`;
    return `max by (node, gpu) (label_replace(${node}, "gpu", "$1", "${labels.gpu}", "(.+)"))`;
  };

export const nvidia = named({ all: 'gpu, Hostname', node: 'Hostname', gpu: 'gpu' });
export const amd = named({ all: 'gpu_id, hostname', node: 'hostname', gpu: 'gpu_id' });
/** Of Gaudi only the address names the node. */
export const gaudi = named({ all: 'device, instance', node: 'instance', gpu: 'device' });

/** Percent of the time in which each GPU was busy. */
export const gpuUse = firstOf(
  nvidia(`DCGM_FI_DEV_GPU_UTIL{${c}}`),
  nvidia(`100 * DCGM_FI_PROF_GR_ENGINE_ACTIVE{${c}}`),
  amd(`gpu_gfx_activity{${c}}`),
  gaudi(`habanalabs_utilization{${c}}`),
);

/** Watts drawn by each GPU. */
export const gpuWatts = firstOf(
  nvidia(`DCGM_FI_DEV_POWER_USAGE{${c}}`),
  amd(`gpu_package_power{${c}}`),
  amd(`gpu_average_package_power{${c}}`),
  gaudi(`habanalabs_power_mW{${c}} / 1000`),
);
