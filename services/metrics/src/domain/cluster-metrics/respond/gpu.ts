import type { GpuDevice, MetricFields } from '@bud-monitoring/contracts';
import { fitsIn } from '../../bounds.js';
import type { GpuField } from '../../metrics/gpu.js';
import type { Node } from '../../nodes/inventory.js';
import type { Grid } from '../../promql/grid.js';
import { gib, kwh, round } from '../../units.js';
import { changeOf, plainMean } from '../aggregate/average.js';
import { clusterColumn } from '../aggregate/columns.js';
import { fieldOf, type Device, type Gpus } from '../aggregate/gpu.js';
import { overTime, type DeviceMean } from '../aggregate/gpu-means.js';
import { meanOfSlices, sumOfSlices } from '../aggregate/gpu-slices.js';
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
    meanOf(devices.map((device) => utilizationOf(device, of(device))));
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
  const columns = devices.flatMap((device) => {
    const column = columnOf(device, grid);
    return column === null ? [] : [{ column, weight: 1 }];
  });
  const column = columns.length === 0 ? null : clusterColumn(columns, 'share', grid);
  return { ...fields, time_series: toTimeSeries(column, grid, form, 2) };
}

/** The figures of a device at the end, in the units of the answer but not rounded. */
function readDevice(device: Device) {
  const values = (field: GpuField) => fieldOf(device, field, device.now.get(field) ?? []);
  const used = sumOfSlices(values('used'));
  const free = sumOfSlices(values('free'));
  const sum =
    used === null || free === null ? null : used + free + (sumOfSlices(values('reserved')) ?? 0);
  const all = sumOfSlices(values('total')) ?? sum;
  // A size that is not positive, or below its part, is none.
  const isSane = all === null || fitsIn(used ?? 0, all);
  const inGib = (bytes: number | null) => (bytes === null || !isSane ? null : bytes / gib);
  const most = (field: GpuField) => {
    const own = values(field).map(({ value }) => value);
    return own.length === 0 ? null : Math.max(...own);
  };
  return {
    utilization_percent: meanOfSlices(values('utilization')),
    memory_used_gib: inGib(used),
    memory_total_gib: inGib(all),
    // Slices repeat what the device says.
    temperature_celsius: most('temperature'),
    watts: most('watts'),
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

function utilizationOf(device: Device, { utilization }: DeviceMean): number | null {
  return meanOfSlices(overTime(fieldOf(device, 'utilization', utilization)));
}

/** The utilization of a device at each point: that of its slices by their size. */
function columnOf(device: Device, grid: Grid): Float64Array | null {
  const slices = fieldOf(device, 'utilization', device.columns);
  if (slices.length === 0) return null;
  const columns = slices.map(({ value, weight }) => ({ column: value, weight }));
  return clusterColumn(columns, 'share', grid);
}
