import type { GpuDevice, MetricFields } from '@bud-monitoring/contracts';
import {
  deviceLabels,
  gpuFields,
  gpuFigure,
  gpuVendors,
  modelLabels,
  type GpuField,
} from '../../metrics/gpu.js';
import { gib, kwh, round } from '../../units.js';
import type { Labels } from '../../../ports.js';
import type { Node, Roster } from '../../nodes/inventory.js';
import type { Figures, RangeFigures } from '../../promql/figure.js';
import { changeOf, plainMean, weightedMean } from './means.js';
import type { PieceFigures } from './part-figures.js';
import { onGrid, type Grid } from '../../promql/grid.js';
import { clusterColumn, seriesOf, type SeriesForm } from './columns.js';

/** One GPU: what it does now, and its means over the windows. */
interface Device {
  readonly uuid: string;
  readonly vendor: GpuDevice['vendor'];
  model: string | null;
  readonly now: Map<GpuField, number>;
  readonly window: DeviceMean;
  readonly previous: DeviceMean;
  column: Float64Array | null;
}

/** `[value, seconds]` of each piece. */
interface DeviceMean {
  readonly utilization: [number, number][];
  joules: number | null;
}

export type Gpus = ReadonlyMap<Node, readonly Device[]>;

/** The GPUs of each node that has any. */
export function gpusOf(
  now: Figures,
  window: readonly PieceFigures[],
  previous: readonly PieceFigures[],
  series: { range: RangeFigures; grid: Grid } | null,
  roster: Roster,
): Gpus {
  const nodes = new Map<Node, Map<string, Device>>();
  const deviceOf = (vendor: GpuDevice['vendor'], metric: Labels, current: boolean): Device => {
    const node = roster.find(metric, current);
    const devices = nodes.get(node) ?? new Map<string, Device>();
    nodes.set(node, devices);
    const uuid = firstLabel(metric, deviceLabels) ?? 'unknown';
    const device = devices.get(uuid) ?? newDevice(uuid, vendor);
    device.model ??= firstLabel(metric, modelLabels);
    devices.set(uuid, device);
    return device;
  };
  for (const { vendor } of gpuVendors) {
    for (const field of gpuFields) {
      for (const { metric, value } of now.get(gpuFigure(vendor, field)) ?? []) {
        deviceOf(vendor, metric, true).now.set(field, value);
      }
    }
    for (const piece of window)
      addPiece(piece, vendor, (metric) => deviceOf(vendor, metric, true).window);
    for (const piece of previous) {
      addPiece(piece, vendor, (metric) => deviceOf(vendor, metric, false).previous);
    }
    for (const row of series?.range.get(gpuFigure(vendor, 'utilization')) ?? []) {
      if (series !== null) deviceOf(vendor, row.metric, true).column = onGrid(row, series.grid);
    }
  }
  return new Map([...nodes].map(([node, devices]) => [node, [...devices.values()]]));
}

function newDevice(uuid: string, vendor: GpuDevice['vendor']): Device {
  const mean = (): DeviceMean => ({ utilization: [], joules: null });
  return {
    uuid,
    vendor,
    model: null,
    now: new Map(),
    window: mean(),
    previous: mean(),
    column: null,
  };
}

/** Energy by the device's own counter, else by its mean power over the time it was seen. */
function addPiece(
  { span, figures }: PieceFigures,
  vendor: string,
  meanOf: (metric: Labels) => DeviceMean,
): void {
  const length = span.end - span.start;
  const rows = (field: string) => figures.get(gpuFigure(vendor, field)) ?? [];
  const seconds = new Map<DeviceMean, number>();
  for (const { metric, value } of rows('covered')) {
    seconds.set(meanOf(metric), Math.min(length, value));
  }
  for (const { metric, value } of rows('utilization')) {
    const mean = meanOf(metric);
    mean.utilization.push([value, seconds.get(mean) ?? length]);
  }
  const counted = new Set<DeviceMean>();
  for (const { metric, value } of rows('joules')) {
    const mean = meanOf(metric);
    counted.add(mean);
    mean.joules = (mean.joules ?? 0) + value;
  }
  for (const { metric, value } of rows('watts')) {
    const mean = meanOf(metric);
    if (!counted.has(mean))
      mean.joules = (mean.joules ?? 0) + value * (seconds.get(mean) ?? length);
  }
}

function firstLabel(metric: Labels, names: readonly string[]): string | null {
  return (
    names.map((name) => metric[name]).find((value) => value !== undefined && value !== '') ?? null
  );
}

function utilizationOf({ utilization }: DeviceMean): number | null {
  return weightedMean(
    utilization,
    ([value]) => value,
    ([, seconds]) => seconds,
  );
}

type Fields = MetricFields<'gpu'>;

/** The wire form of one node with GPUs. */
export function nodeGpu(devices: readonly Device[], grid: Grid | null, form: SeriesForm): Fields {
  return { devices: devices.map(wireDevice), ...fieldsOf(devices, grid, form) };
}

/** The wire form of all devices of those nodes. */
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
  return { ...fields, time_series: seriesOf(column, grid, form, 2) };
}

/** What a device says now, in the units of the wire but not rounded. */
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

function wireDevice(device: Device): GpuDevice {
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
