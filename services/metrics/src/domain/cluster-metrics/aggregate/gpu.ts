import type { GpuDevice } from '@bud-monitoring/contracts';
import type { Labels } from '../../../ports.js';
import { plausible } from '../../bounds.js';
import {
  gpuBounds,
  gpuFields,
  gpuFigure,
  gpuVendors,
  type GpuField,
  type GpuVendor,
} from '../../metrics/gpu.js';
import type { ImplausibleValues } from '../../nodes/implausible-values.js';
import type { Node, NodeInventory } from '../../nodes/inventory.js';
import type { Figures, RangeFigures } from '../../promql/figure.js';
import { onGrid, type Grid } from '../../promql/grid.js';
import { createPace, eachInTurns } from '../../turns/pace.js';
import { addGpuPart, newDeviceMean, type DeviceMean } from './gpu-means.js';
import { deviceKey, readLabels, slicesOf, type SliceValue } from './gpu-slices.js';
import type { WindowPart } from './window-part.js';

/** One GPU: its figures at the end, and its means over the windows. */
export interface Device {
  readonly uuid: string;
  readonly vendor: GpuDevice['vendor'];
  model: string | null;
  /** Whether it is divided into MIG slices. */
  isSliced: boolean;
  readonly now: Map<GpuField, SliceValue[]>;
  readonly window: DeviceMean;
  readonly previous: DeviceMean;
  readonly columns: SliceValue<Float64Array>[];
}

export type Gpus = ReadonlyMap<Node, readonly Device[]>;

/** The answers of the store that tell of GPUs. */
export interface GpuReadings {
  readonly now: Figures;
  readonly window: readonly WindowPart[];
  readonly previous: readonly WindowPart[];
  readonly series: { readonly range: RangeFigures; readonly grid: Grid } | null;
}

/** The GPUs of each node that has any; nodes with values that cannot be are added to `implausible`. */
export async function gpusOf(
  { now, window, previous, series }: GpuReadings,
  { inventory, implausible }: { inventory: NodeInventory; implausible: ImplausibleValues },
): Promise<Gpus> {
  const nodes = new Map<Node, Map<string, Device>>();
  const deviceOf = (vendor: GpuDevice['vendor'], metric: Labels, current: boolean): Device => {
    const node = inventory.find(metric, current);
    const devices = nodes.get(node) ?? new Map<string, Device>();
    nodes.set(node, devices);
    const { uuid, model, slice } = readLabels(metric);
    const key = deviceKey(vendor, uuid);
    const device = devices.get(key) ?? newDevice(uuid, vendor);
    device.model ??= model;
    device.isSliced ||= slice !== '';
    devices.set(key, device);
    return device;
  };
  const warn = (metric: Labels) => implausible.add('gpu', inventory.find(metric, true));
  const pace = createPace();
  for (const vendor of gpuVendors) {
    const own = (metric: Labels, current = true) => deviceOf(vendor.vendor, metric, current);
    for (const { field, reading, figure } of readingsOf(vendor, gpuFields))
      await eachInTurns(
        now.get(figure) ?? [],
        ({ metric, value }) => {
          const device = own(metric);
          const sane = plausible(value, gpuBounds[field]);
          if (sane === null) warn(metric);
          else push(device.now, field, { ...sliceOf(metric), reading, value: sane });
        },
        pace,
      );
    for (const part of window)
      await addGpuPart(part, vendor, (metric) => own(metric).window, warn, pace);
    const ofPrevious = (metric: Labels) => own(metric, false).previous;
    for (const part of previous) await addGpuPart(part, vendor, ofPrevious, () => undefined, pace);
    if (series === null) continue;
    for (const { reading, figure } of readingsOf(vendor, ['utilization']))
      await eachInTurns(
        series.range.get(figure) ?? [],
        (row) => {
          const column = onGrid(row, series.grid);
          own(row.metric).columns.push({ ...sliceOf(row.metric), reading, value: column });
        },
        pace,
      );
  }
  return new Map([...nodes].map(([node, devices]) => [node, [...devices.values()]]));
}

/** The slices of a device that count for a field, by the first reading that says something of it. */
export function fieldOf<T>(device: Device, field: GpuField, values: readonly SliceValue<T>[]) {
  const vendor = gpuVendors.find((one) => one.vendor === device.vendor);
  const wholeOnly = (reading: number) => vendor?.fields[field]?.[reading]?.wholeOnly === true;
  return slicesOf(values, wholeOnly, device.isSliced);
}

/** The figures of fields, each with the place of its reading among those of the field. */
function readingsOf({ vendor, fields }: GpuVendor, of: readonly GpuField[]) {
  return of.flatMap((field) =>
    (fields[field] ?? []).map((_, reading) => {
      return { field, reading, figure: gpuFigure(vendor, field, reading) };
    }),
  );
}

function sliceOf(metric: Labels) {
  const { slice, weight } = readLabels(metric);
  return { slice, weight };
}

function push(map: Map<GpuField, SliceValue[]>, field: GpuField, value: SliceValue): void {
  const known = map.get(field);
  if (known === undefined) map.set(field, [value]);
  else known.push(value);
}

function newDevice(uuid: string, vendor: GpuDevice['vendor']): Device {
  return {
    uuid,
    vendor,
    model: null,
    isSliced: false,
    now: new Map(),
    window: newDeviceMean(),
    previous: newDeviceMean(),
    columns: [],
  };
}
