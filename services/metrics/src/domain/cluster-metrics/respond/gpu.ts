import type { GpuDevice, MetricFields } from '@bud-monitoring/contracts';
import type { GpuField } from '../../metrics/gpu.js';
import type { Node } from '../../nodes/inventory.js';
import type { Grid } from '../../promql/grid.js';
import { gib, kwh, round } from '../../units.js';
import { changeOf, plainMean, weightedMean } from '../aggregate/average.js';
import { clusterColumn } from '../aggregate/columns.js';
import type { Device, DeviceMean, Gpus } from '../aggregate/gpu.js';
import { toTimeSeries, type SeriesForm } from './time-series.js';

type Fields = MetricFields<'gpu'>;

/** The fields of one node with GPUs. */
export function nodeGpu(devices: readonly Device[], grid: Grid | null, form: SeriesForm): Fields {
  return { devices: devices.map(toDevice), ...fieldsOf(devices, grid, form) };
}

/** The fields of all devices of those nodes. */
export function clusterGpu(
  gpus: Gpus,
  nodes: readonly Node[],
  grid: Grid | null,
  form: SeriesForm,
): Fields | null {
  const devices = nodes.flatMap((node) => gpus.get(node) ?? []);
  return devices.length === 0 ? null : fieldsOf(devices, grid, form);
}

function fieldsOf(devices: readonly Device[], grid: Grid | null, form: SeriesForm): Fields {
  const now = devices.map(readDevice);
  const meanOf = (values: readonly (number | null)[]) =>
    plainMean(values.filter((value) => value !== null));
  const mean = (of: (device: Device) => DeviceMean) =>
    meanOf(devices.map((device) => utilizationOf(of(device))));
  const average = mean(({ window }) => window);
  const before = mean(({ previous }) => previous);
  const energy = total(devices.map(({ window }) => window.joules));
  const fields: Fields = {
    utilization_percent: round(meanOf(now.map((device) => device.utilization_percent))),
    memory_used_gib: round(total(now.map((device) => device.memory_used_gib))),
    memory_total_gib: round(total(now.map((device) => device.memory_total_gib))),
    watts: round(total(now.map((device) => device.watts))),
    energy_kwh: round(energy === null ? null : energy / kwh, 6),
    average: round(average),
    previous_average: round(before),
    change_percent: round(changeOf('share', average, before)),
  };
  if (grid === null) return fields;
  const columns = devices.flatMap(({ column }) => (column === null ? [] : [{ column, weight: 1 }]));
  const column = columns.length === 0 ? null : clusterColumn(columns, 'share', grid);
  return { ...fields, time_series: toTimeSeries(column, grid, form, 2) };
}

/** The figures of a device at the end, in the units of the answer but not rounded. */
function readDevice({ now }: Device) {
  const read = (field: GpuField) => now.get(field) ?? null;
  const used = read('used');
  const free = read('free');
  const sum = used === null || free === null ? null : used + free + (read('reserved') ?? 0);
  const inGib = (bytes: number | null) => (bytes === null ? null : bytes / gib);
  return {
    utilization_percent: read('utilization'),
    memory_used_gib: inGib(used),
    memory_total_gib: inGib(read('total') ?? sum),
    temperature_celsius: read('temperature'),
    watts: read('watts'),
  };
}

function toDevice(device: Device): GpuDevice {
  const { uuid, vendor, model } = device;
  const now = readDevice(device);
  return {
    uuid,
    vendor,
    model,
    utilization_percent: round(now.utilization_percent),
    memory_used_gib: round(now.memory_used_gib),
    memory_total_gib: round(now.memory_total_gib),
    temperature_celsius: round(now.temperature_celsius),
    watts: round(now.watts),
  };
}

function total(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

function utilizationOf({ utilization }: DeviceMean): number | null {
  return weightedMean(
    utilization,
    ([value]) => value,
    ([, seconds]) => seconds,
  );
}
