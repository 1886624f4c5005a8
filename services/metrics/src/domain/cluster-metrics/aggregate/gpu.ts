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
import { lengthOf, mergeTargets, type TargetBlock } from '../../time-base/blocks/target-block.js';
import type { WindowPart } from './window-part.js';

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
  window: readonly WindowPart[],
  previous: readonly WindowPart[],
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

/** Energy by the device's own counter, else by its mean power, over the time it was seen. */
function addPart(
  { targets }: WindowPart,
  vendor: string,
  meanOf: (metric: Labels) => DeviceMean,
): void {
  const devices = new Map<DeviceMean, TargetBlock[]>();
  for (const target of targets.get(`gpu:${vendor}`) ?? []) {
    const mean = meanOf(target.metric);
    devices.set(mean, [...(devices.get(mean) ?? []), target]);
  }
  for (const [mean, own] of devices) {
    const block = mergeTargets(own);
    const read = (field: string) => block?.values.get(gpuFigure(vendor, field));
    const seconds = lengthOf(block?.runs ?? []);
    const utilization = read('utilization');
    if (utilization !== undefined) mean.utilization.push([utilization, Math.max(seconds, 1e-6)]);
    const watts = read('energy') ?? read('watts');
    if (watts !== undefined) mean.joules = (mean.joules ?? 0) + watts * seconds;
  }
}

function firstLabel(metric: Labels, names: readonly string[]): string | null {
  return (
    names.map((name) => metric[name]).find((value) => value !== undefined && value !== '') ?? null
  );
}
