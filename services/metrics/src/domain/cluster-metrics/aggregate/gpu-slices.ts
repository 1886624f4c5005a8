import type { GpuDevice } from '@bud-monitoring/contracts';
import type { Labels } from '../../../ports.js';
import { deviceLabels, modelLabels, profileLabel, sliceLabel } from '../../metrics/gpu.js';
import { weightedMean } from './average.js';

/** A value of a device, or of one of its MIG slices. */
export interface SliceValue<T = number> {
  /** Place of the metric it was read from among those of the vendor. */
  readonly reading: number;
  /** Id of the MIG slice; empty for the device as a whole. */
  readonly slice: string;
  /** Compute slices it has: 3 for `3g.20gb`. */
  readonly weight: number;
  readonly value: T;
}

/** What the labels of a series say of its device. */
export function readLabels(metric: Labels) {
  const profile = /(\d+)g\./.exec(metric[profileLabel] ?? '')?.[1];
  return {
    uuid: firstOf(metric, deviceLabels, isIdentity) ?? 'unknown',
    model: firstOf(metric, modelLabels, (value) => value !== ''),
    slice: metric[sliceLabel] ?? '',
    weight: profile === undefined ? 1 : Number(profile),
  };
}

/** The key of a device among those of its node. */
export const deviceKey = (vendor: GpuDevice['vendor'], uuid: string) => `${vendor} ${uuid}`;

/** All zeros, all ones and "N/A" are no identity; a short number is the index of a device. */
function isIdentity(value: string): boolean {
  return value !== '' && !/^(0x)?([0-]{8,}|[f-]{8,})$|^n\/?a$/i.test(value);
}

function firstOf(
  metric: Labels,
  names: readonly string[],
  counts: (value: string) => boolean,
): string | null {
  return names.map((name) => metric[name] ?? '').find(counts) ?? null;
}

/**
 * The values that count of a device, one a slice: those of the first reading that says something of it,
 * and of its slices alone where it has any. `wholeOnly` are readings that say nothing of slices.
 */
export function slicesOf<T>(
  values: readonly SliceValue<T>[],
  wholeOnly: (reading: number) => boolean,
  isSliced: boolean,
): SliceValue<T>[] {
  const useful = values.filter(({ reading }) => !(isSliced && wholeOnly(reading)));
  const first = Math.min(...useful.map(({ reading }) => reading));
  const own = useful.filter(({ reading }) => reading === first);
  const hasSlices = own.some(({ slice }) => slice !== '');
  return own.filter(({ slice }) => !hasSlices || slice !== '');
}

/** One value a slice: the larger of those that several exporters say. */
function oncePerSlice(values: readonly SliceValue[]): SliceValue[] {
  const slices = new Map<string, SliceValue>();
  for (const value of values) {
    const known = slices.get(value.slice);
    if (known === undefined || value.value > known.value) slices.set(value.slice, value);
  }
  return [...slices.values()];
}

/** The mean over the slices of a device, by their size. */
export function meanOfSlices(values: readonly SliceValue[]): number | null {
  return weightedMean(
    oncePerSlice(values),
    ({ value }) => value,
    ({ weight }) => weight,
  );
}

/** The sum over the slices of a device. */
export function sumOfSlices(values: readonly SliceValue[]): number | null {
  if (values.length === 0) return null;
  return oncePerSlice(values).reduce((sum, { value }) => sum + value, 0);
}
