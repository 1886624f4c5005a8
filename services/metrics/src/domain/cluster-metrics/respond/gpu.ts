import type { GpuDevice, MetricFields } from '@bud-monitoring/contracts';
import { fitsIn } from '../../bounds.js';
import type { GpuField } from '../../metrics/gpu.js';
import type { Node } from '../../nodes/inventory.js';
import type { Grid } from '../../promql/grid.js';
import { eachInTurns } from '../../turns/pace.js';
import { gib, kwh, round } from '../../units.js';
import { changeOf, plainMean } from '../aggregate/average.js';
import { clusterColumn, joinColumns } from '../aggregate/columns.js';
import { fieldOf, type Device, type Gpus } from '../aggregate/gpu.js';
import { overTime, type DeviceMean } from '../aggregate/gpu-means.js';
import { meanOfSlices, sumOfSlices } from '../aggregate/gpu-slices.js';
import { toTimeSeries, type SeriesForm } from './time-series.js';

type Fields = MetricFields<'gpu'>;

/** What GPUs of nodes are doing, each and together. */
export interface GpuAnswer {
  /** Of the nodes that have any. */
  readonly nodes: ReadonlyMap<Node, Fields>;
  /** Of all devices; `null` where there is none. */
  readonly cluster: Fields | null;
}

/** The fields of those nodes and of all their devices. */
export async function gpuFields(
  gpus: Gpus,
  nodes: readonly Node[],
  grid: Grid | null,
  form: SeriesForm,
): Promise<GpuAnswer> {
  const all: DeviceFigures[] = [];
  const fields = new Map<Node, Fields>();
  const withGpus = nodes.filter((node) => gpus.has(node));
  await eachInTurns(withGpus, (node) => {
    const own = (gpus.get(node) ?? []).map((device) => figuresOf(device, grid));
    all.push(...own);
    const column = grid && joinColumns(columnsOf(own), 'share', grid);
    const devices = own.map(toDevice);
    fields.set(node, { devices, ...fieldsOf(own), ...seriesOf(column, grid, form) });
  });
  const column = grid && (await clusterColumn(columnsOf(all), 'share', grid));
  const cluster = all.length === 0 ? null : { ...fieldsOf(all), ...seriesOf(column, grid, form) };
  return { nodes: fields, cluster };
}

/** What a device is doing, in the units of the answer but not rounded. */
interface DeviceFigures {
  readonly device: Device;
  readonly now: ReturnType<typeof readDevice>;
  /** Utilization over the window, and over the one before it. */
  readonly average: number | null;
  readonly before: number | null;
  readonly column: Float64Array | null;
}

function figuresOf(device: Device, grid: Grid | null): DeviceFigures {
  const mean = ({ utilization }: DeviceMean) =>
    meanOfSlices(overTime(fieldOf(device, 'utilization', utilization)));
  return {
    device,
    now: readDevice(device),
    average: mean(device.window),
    before: mean(device.previous),
    column: grid && columnOf(device, grid),
  };
}

function fieldsOf(devices: readonly DeviceFigures[]): Fields {
  const known = (of: (device: DeviceFigures) => number | null) =>
    devices.map(of).filter((value) => value !== null);
  const mean = (of: (device: DeviceFigures) => number | null) => plainMean(known(of));
  const total = (of: (device: DeviceFigures) => number | null) => {
    const values = known(of);
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
  };
  const [average, before] = [mean((one) => one.average), mean((one) => one.before)];
  const energy = total(({ device }) => device.window.joules);
  return {
    utilization_percent: round(mean(({ now }) => now.utilization_percent)),
    memory_used_gib: round(total(({ now }) => now.memory_used_gib)),
    memory_total_gib: round(total(({ now }) => now.memory_total_gib)),
    watts: round(total(({ now }) => now.watts)),
    energy_kwh: round(energy === null ? null : energy / kwh, 6),
    average: round(average),
    previous_average: round(before),
    change_percent: round(changeOf('share', average, before)),
  };
}

function columnsOf(devices: readonly DeviceFigures[]) {
  return devices.flatMap(({ column }) => (column === null ? [] : [{ column, weight: 1 }]));
}

function seriesOf(column: Float64Array | null, grid: Grid | null, form: SeriesForm) {
  return grid === null ? {} : { time_series: toTimeSeries(column, grid, form, 2) };
}

/** The figures of a device at the end, in the units of the answer but not rounded. */
function readDevice(device: Device) {
  const values = (field: GpuField) => fieldOf(device, field, telling(device, field));
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

/** Fields that are zero of no device. */
const neverZero: ReadonlySet<GpuField> = new Set(['total', 'watts']);

/** What is known of a field at the end, without zeros that say nothing beside other values. */
function telling({ now }: Device, field: GpuField) {
  const known = now.get(field) ?? [];
  if (!neverZero.has(field)) return known;
  const positive = known.filter(({ value }) => value > 0);
  return field === 'total' || positive.length > 0 ? positive : known;
}

function toDevice({ device, now }: DeviceFigures): GpuDevice {
  const { uuid, vendor, model } = device;
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

/** The utilization of a device at each point: that of its slices by their size. */
function columnOf(device: Device, grid: Grid): Float64Array | null {
  const slices = fieldOf(device, 'utilization', device.columns);
  if (slices.length === 0) return null;
  const columns = slices.map(({ value, weight }) => ({ column: value, weight }));
  return joinColumns(columns, 'share', grid);
}
