import type { TemplateSource } from '../builder/dashboard.js';
import type { PanelOptions } from '../builder/options.js';
import { amd, gaudi, gpuUse, gpuWatts, nvidia } from '../builder/gpus.js';
import { panel, row } from '../builder/panel.js';
import { c, firstOf } from '../builder/queries.js';

const mebibyte = 1_048_576;

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
    graph('Utilisation', gpuUse, {
      unit: 'percent',
      steps: [],
      description: 'Share of time in which a GPU was busy.',
    }),
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
    graph('Power', gpuWatts, { unit: 'watt', stacked: true, description: 'Watts drawn by a GPU.' }),
  ],
};
