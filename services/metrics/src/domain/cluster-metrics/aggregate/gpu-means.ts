import type { Labels } from '../../../ports.js';
import { gpuBounds, gpuFigure, type GpuVendor } from '../../metrics/gpu.js';
import { beyond } from '../../time-base/blocks/block-figures.js';
import { lengthOf, mergeTargets, type TargetBlock } from '../../time-base/blocks/target-block.js';
import { eachInTurns, mapInTurns, type Pace } from '../../turns/pace.js';
import { weightedMean } from './average.js';
import { readLabels, type SliceValue } from './gpu-slices.js';
import type { WindowPart } from './window-part.js';
import { groupBy } from '../../group-by.js';

/** What is known of a device over the parts of a window. */
export interface DeviceMean {
  /** Means by slice and part, with the seconds they cover. */
  readonly utilization: SliceValue<Covered>[];
  joules: number | null;
}

interface Covered {
  readonly mean: number;
  readonly seconds: number;
}

export const newDeviceMean = (): DeviceMean => ({ utilization: [], joules: null });

/**
 * Adds a part of a window. Energy is by the device's own counter, else by its mean power, over the time it was
 * seen; slices repeat what the device says. `onImplausible` is told of what cannot be.
 */
export async function addGpuPart(
  { targets }: WindowPart,
  { vendor, fields }: GpuVendor,
  meanOf: (metric: Labels) => DeviceMean,
  onImplausible: (metric: Labels) => void,
  pace: Pace,
): Promise<void> {
  const devicesOf = async (blocks: readonly TargetBlock[]) => {
    const known = await mapInTurns(blocks, (block) => [meanOf(block.metric), block] as const, pace);
    return groupBy(known, ([mean]) => mean);
  };
  const own = [...targets].flatMap(([id, all]) => (id.startsWith(`gpu:${vendor}:`) ? all : []));
  const rows = (figure: string) => own.filter(({ values }) => values.get(figure) !== undefined);
  const figuresOf = (field: 'utilization' | 'watts') =>
    (fields[field] ?? []).map((_, reading) => gpuFigure(vendor, field, reading));
  for (const [reading, figure] of figuresOf('utilization').entries()) {
    const devices = await devicesOf(rows(figure));
    await eachInTurns(
      devices,
      ([mean, known]) => {
        const several = known.map(([, block]) => block);
        const slices = groupBy(several, ({ metric }) => readLabels(metric).slice);
        for (const [slice, same] of slices) {
          const block = mergeTargets(same);
          const value = block?.values.get(figure);
          if (block === null || value === undefined) continue;
          const { weight } = readLabels(same[0]?.metric ?? {});
          const seconds = Math.max(lengthOf(block.runs), 1e-6);
          mean.utilization.push({ reading, slice, weight, value: { mean: value, seconds } });
        }
      },
      pace,
    );
  }
  const counted = new Map<DeviceMean, number>();
  const energy = gpuFigure(vendor, 'energy');
  for (const figure of [energy, ...figuresOf('watts')]) {
    const devices = await devicesOf(rows(figure));
    await eachInTurns(
      devices,
      ([mean, known]) => {
        const several = known.map(([, block]) => block);
        const block = mergeTargets(several);
        const watts = block?.values.get(figure);
        // What is stuck at zero says nothing.
        if (block === null || watts === undefined || (counted.get(mean) ?? 0) > 0) return;
        if (watts > gpuBounds.watts.max) {
          onImplausible(several[0]?.metric ?? {});
          return;
        }
        counted.set(mean, watts);
        mean.joules = (mean.joules ?? 0) + watts * lengthOf(block.runs);
      },
      pace,
    );
  }
  for (const figure of [energy, ...figuresOf('utilization'), ...figuresOf('watts')])
    for (const { metric } of rows(beyond(figure))) onImplausible(metric);
}

/** Mean over time of each slice. */
export function overTime(values: readonly SliceValue<Covered>[]): SliceValue[] {
  return [...groupBy(values, ({ slice }) => slice).values()].flatMap((own) => {
    const value = weightedMean(
      own,
      (one) => one.value.mean,
      (one) => one.value.seconds,
    );
    const [first] = own;
    return value === null || first === undefined ? [] : [{ ...first, value }];
  });
}
