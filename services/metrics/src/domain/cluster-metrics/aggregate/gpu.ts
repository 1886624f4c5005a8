import type { GpuDevice } from '@bud-monitoring/contracts';
import type { Labels } from '../../../ports.js';
import {
  deviceLabels,
  gpuFields,
  gpuFigure,
  gpuVendors,
  modelLabels,
  type GpuField,
} from '../../metrics/gpu.js';
import type { Node, NodeInventory } from '../../nodes/inventory.js';
import type { Figures, RangeFigures } from '../../promql/figure.js';
import { onGrid, type Grid } from '../../promql/grid.js';
import type { PartFigures } from './part-figures.js';

/** One GPU: its figures at the end, and its means over the windows. */
export interface Device {
  readonly uuid: string;
  readonly vendor: GpuDevice['vendor'];
  model: string | null;
  readonly now: Map<GpuField, number>;
  readonly window: DeviceMean;
  readonly previous: DeviceMean;
  column: Float64Array | null;
}

/** `[value, seconds]` of each part. */
export interface DeviceMean {
  readonly utilization: [number, number][];
  joules: number | null;
}

export type Gpus = ReadonlyMap<Node, readonly Device[]>;

/** The GPUs of each node that has any. */
export function gpusOf(
  now: Figures,
  window: readonly PartFigures[],
  previous: readonly PartFigures[],
  series: { range: RangeFigures; grid: Grid } | null,
  inventory: NodeInventory,
): Gpus {
  const nodes = new Map<Node, Map<string, Device>>();
  const deviceOf = (vendor: GpuDevice['vendor'], metric: Labels, current: boolean): Device => {
    const node = inventory.find(metric, current);
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
    for (const part of window)
      addPart(part, vendor, (metric) => deviceOf(vendor, metric, true).window);
    for (const part of previous) {
      addPart(part, vendor, (metric) => deviceOf(vendor, metric, false).previous);
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
function addPart(
  { range, figures }: PartFigures,
  vendor: string,
  meanOf: (metric: Labels) => DeviceMean,
): void {
  const length = range.end - range.start;
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
