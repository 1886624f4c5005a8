import type { TemplateSource } from './dashboard.js';
import { panel } from './panel.js';
import { c, firstOf } from './queries.js';

const mebibyte = 1_048_576;

/** One GPU of any vendor under the labels `device` and `node`. */
const nvidia = (expr: string): string =>
  `label_replace(label_replace(max by (UUID, Hostname, hostname) (${expr}), "device", "$1", "UUID", "(.+)"), "node", "$1", "Hostname", "(.+)")`;
const amd = (expr: string): string =>
  `label_replace(label_replace(max by (gpu_id, hostname) (${expr}), "device", "$1", "gpu_id", "(.+)"), "node", "$1", "hostname", "(.+)")`;
const gaudi = (expr: string): string =>
  `label_replace(label_replace(max by (UUID, uuid, instance) (${expr}), "device", "$1", "UUID", "(.+)"), "node", "$1", "instance", "(.+)")`;

const byGpu = { by: 'device', width: 12, height: 8 };

/** What the GPUs of a cluster are doing, NVIDIA, AMD and Intel Gaudi in equal units. */
export const gpu: TemplateSource = {
  name: 'gpu',
  title: 'Kubernetes / GPU',
  uid: 'bud-template-gpu',
  description: 'Utilisation, memory, temperature and power of the GPUs of one cluster.',
  panels: [
    panel(
      'Utilisation',
      firstOf(
        nvidia(`DCGM_FI_DEV_GPU_UTIL{${c}}`),
        amd(`gpu_gfx_activity{${c}}`),
        gaudi(`habanalabs_utilization{${c}}`),
      ),
      'timeseries',
      { ...byGpu, unit: 'percent', description: 'Share of time in which a GPU was busy.' },
    ),
    panel(
      'Memory in use',
      firstOf(
        nvidia(`DCGM_FI_DEV_FB_USED{${c}} * ${mebibyte}`),
        amd(`gpu_used_vram{${c}} * ${mebibyte}`),
        gaudi(`habanalabs_memory_used_bytes{${c}}`),
      ),
      'timeseries',
      { ...byGpu, unit: 'bytes', description: 'Memory of a GPU in use.' },
    ),
    panel(
      'Temperature',
      firstOf(
        nvidia(`DCGM_FI_DEV_GPU_TEMP{${c}}`),
        amd(`gpu_junction_temperature{${c}}`),
        gaudi(`habanalabs_temperature_onchip{${c}}`),
      ),
      'timeseries',
      { ...byGpu, unit: 'celsius', description: 'Temperature of the chip.' },
    ),
    panel(
      'Power',
      firstOf(
        nvidia(`DCGM_FI_DEV_POWER_USAGE{${c}}`),
        amd(`gpu_package_power{${c}}`),
        amd(`gpu_average_package_power{${c}}`),
        gaudi(`habanalabs_power_mW{${c}} / 1000`),
      ),
      'timeseries',
      { ...byGpu, unit: 'watt', description: 'Watts drawn by a GPU.' },
    ),
  ],
};
