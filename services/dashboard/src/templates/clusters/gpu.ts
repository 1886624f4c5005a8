import type { TemplateSource } from '../builder/dashboard.js';
import type { PanelOptions } from '../builder/options.js';
import { panel, row } from '../builder/panel.js';
import { c, firstOf } from '../builder/queries.js';

const mebibyte = 1_048_576;

/** One GPU of a vendor under the labels `node` and `gpu`, its number there: what people call it. */
const named =
  (labels: { all: string; node: string; gpu: string }) =>
  (expr: string): string => {
    const node = `label_replace(max by (${labels.all}) (${expr}), "node", "$1", "${labels.node}", "(.+)")`;
    return `max by (node, gpu) (label_replace(${node}, "gpu", "$1", "${labels.gpu}", "(.+)"))`;
  };
const nvidia = named({ all: 'gpu, Hostname', node: 'Hostname', gpu: 'gpu' });
const amd = named({ all: 'gpu_id, hostname', node: 'hostname', gpu: 'gpu_id' });
/** Of Gaudi only the address names the node. */
const gaudi = named({ all: 'device, instance', node: 'instance', gpu: 'device' });

const graph = (title: string, expr: string, options: PanelOptions) =>
  panel(title, expr, 'timeseries', { by: 'node, gpu', width: 12, ...options });

/** What the GPUs of a cluster are doing, NVIDIA, AMD and Intel Gaudi in equal units. */
export const gpu: TemplateSource = {
  name: 'gpu',
  title: 'Kubernetes / GPU',
  uid: 'bud-template-gpu',
  description: 'Utilisation, memory, temperature and power of the GPUs of one cluster.',
  panels: [
    row('$cluster'),
    graph(
      'Utilisation',
      firstOf(
        nvidia(`DCGM_FI_DEV_GPU_UTIL{${c}}`),
        nvidia(`100 * DCGM_FI_PROF_GR_ENGINE_ACTIVE{${c}}`),
        amd(`gpu_gfx_activity{${c}}`),
        gaudi(`habanalabs_utilization{${c}}`),
      ),
      { unit: 'percent', steps: [], description: 'Share of time in which a GPU was busy.' },
    ),
    graph(
      'Memory in use',
      firstOf(
        nvidia(`DCGM_FI_DEV_FB_USED{${c}} * ${mebibyte}`),
        amd(`gpu_used_vram{${c}} * ${mebibyte}`),
        gaudi(`habanalabs_memory_used_bytes{${c}}`),
      ),
      { unit: 'bytes', description: 'Memory of a GPU in use.' },
    ),
    graph(
      'Temperature',
      firstOf(
        nvidia(`DCGM_FI_DEV_GPU_TEMP{${c}}`),
        amd(`gpu_junction_temperature{${c}}`),
        gaudi(`habanalabs_temperature_onchip{${c}}`),
      ),
      { unit: 'celsius', description: 'Temperature of the chip.' },
    ),
    graph(
      'Power',
      firstOf(
        nvidia(`DCGM_FI_DEV_POWER_USAGE{${c}}`),
        amd(`gpu_package_power{${c}}`),
        amd(`gpu_average_package_power{${c}}`),
        gaudi(`habanalabs_power_mW{${c}} / 1000`),
      ),
      { unit: 'watt', stacked: true, description: 'Watts drawn by a GPU.' },
    ),
  ],
};
