import type { LabelMatcher } from '@bud-monitoring/promql';
import type { GpuDevice } from '@bud-monitoring/contracts';
import type { Labels } from '../../ports.js';
import type { Figure } from '../promql/figure.js';
import type { Scope } from '../promql/scope.js';
import type { InstantReading } from '../targets/instant-reading.js';
import { nodeLabels } from '../targets/node-labels.js';
import { samplesWithin } from '../targets/range-aggregation.js';
import { beyond, type GaugeFigure, type TargetFigures } from '../time-base/blocks/block-figures.js';
import type { CounterFigure } from '../time-base/counter-figure.js';
import { rangeOf } from '../time-base/growth.js';
import type { TargetGroup } from '../time-base/target-group.js';
import { percentBounds, type Bounds } from '../bounds.js';

export const gpuFields = [
  'utilization',
  'used',
  'free',
  'reserved',
  'total',
  'temperature',
  'watts',
] as const;
export type GpuField = (typeof gpuFields)[number];

/** A metric of an exporter and what it is multiplied by to be percent, bytes, °C, W or J. */
interface Reading {
  readonly metric: string;
  readonly factor: number;
  /** Says nothing of a device that is divided into MIG slices: it is zero or blank there. */
  readonly wholeOnly?: boolean;
}

const memoryBounds: Bounds = { min: 0, max: 2 ** 44 };

/** What the fields of a device can be. Exporters have numbers for "blank": 2^31 - 16, 2^32 - 1, 2^63 - 16. */
export const gpuBounds: Readonly<Record<GpuField, Bounds>> = {
  utilization: percentBounds,
  used: memoryBounds,
  free: memoryBounds,
  reserved: memoryBounds,
  total: memoryBounds,
  temperature: { min: -50, max: 200 },
  watts: { min: 0, max: 10_000 },
};

export interface GpuVendor {
  readonly vendor: GpuDevice['vendor'];
  readonly fields: Readonly<Partial<Record<GpuField, readonly Reading[]>>>;
  readonly energy?: Reading;
  /** Parts of a device that repeat what the whole says are left out. */
  readonly matchers: readonly LabelMatcher[];
}

const mib = 2 ** 20;
const one = (metric: string, factor = 1): readonly Reading[] => [{ metric, factor }];

/** The exporters of each vendor; of several readings the first that exists for the device counts. */
export const gpuVendors: readonly GpuVendor[] = [
  {
    vendor: 'nvidia',
    fields: {
      utilization: [
        { metric: 'DCGM_FI_DEV_GPU_UTIL', factor: 1, wholeOnly: true },
        { metric: 'DCGM_FI_PROF_GR_ENGINE_ACTIVE', factor: 100 },
      ],
      used: one('DCGM_FI_DEV_FB_USED', mib),
      free: one('DCGM_FI_DEV_FB_FREE', mib),
      reserved: one('DCGM_FI_DEV_FB_RESERVED', mib),
      total: one('DCGM_FI_DEV_FB_TOTAL', mib),
      temperature: one('DCGM_FI_DEV_GPU_TEMP'),
      watts: one('DCGM_FI_DEV_POWER_USAGE'),
    },
    energy: { metric: 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', factor: 1e-3 },
    matchers: [],
  },
  {
    vendor: 'amd',
    fields: {
      utilization: one('gpu_gfx_activity'),
      used: one('gpu_used_vram', mib),
      free: one('gpu_free_vram', mib),
      total: one('gpu_total_vram', mib),
      temperature: one('gpu_junction_temperature'),
      watts: [
        { metric: 'gpu_package_power', factor: 1 },
        { metric: 'gpu_average_package_power', factor: 1 },
      ],
    },
    energy: { metric: 'gpu_energy_consumed', factor: 1e-6 },
    // Partition 0 and devices without partitions: "NA", or all ones for a virtual function.
    matchers: [{ label: 'gpu_partition_id', op: '!~', value: '[1-9][0-9]{0,8}' }],
  },
  {
    vendor: 'intel',
    fields: {
      utilization: one('habanalabs_utilization'),
      used: one('habanalabs_memory_used_bytes'),
      free: one('habanalabs_memory_free_bytes'),
      total: one('habanalabs_memory_total_bytes'),
      temperature: one('habanalabs_temperature_onchip'),
      watts: one('habanalabs_power_mW', 1e-3),
    },
    matchers: [],
  },
];

export const gpuMetricNames: readonly string[] = gpuVendors.flatMap(({ fields, energy }) => [
  ...Object.values(fields).flatMap((readings) => readings.map(({ metric }) => metric)),
  ...(energy ? [energy.metric] : []),
]);

/** Labels that name a device, in order of preference, and its model. */
export const deviceLabels = [
  'UUID',
  'uuid',
  'gpu_uuid',
  'gpu',
  'gpu_id',
  'device',
  'serial_number',
] as const;
export const modelLabels = ['modelName', 'card_model', 'card_series', 'device_name'] as const;
/** MIG slice of a device, and its profile: `3g.20gb` has three of the device's compute slices. */
export const sliceLabel = 'GPU_I_ID';
export const profileLabel = 'GPU_I_PROFILE';
/** The labels that tell devices and their slices apart, and what they are: each exporter has some of them. */
const labelsOf: Readonly<Record<GpuVendor['vendor'], readonly string[]>> = {
  nvidia: ['UUID', 'gpu', 'device', 'modelName', sliceLabel, profileLabel],
  amd: ['uuid', 'gpu_uuid', 'gpu_id', 'serial_number', 'card_model', 'card_series'],
  intel: ['UUID', 'uuid', 'device', 'device_name'],
};
const identityOf = ({ vendor }: GpuVendor) => [...nodeLabels, ...labelsOf[vendor]];
const identity = new Set(gpuVendors.flatMap(identityOf));

/** The labels of a series that say which device, and which slice of it, it is about. */
export function gpuIdentity(metric: Labels): Labels {
  return Object.fromEntries(Object.entries(metric).filter(([label]) => identity.has(label)));
}

/** Name of the figure of a field, by the place of its reading among those of the vendor. */
export const gpuFigure = (vendor: string, field: string, reading = 0) =>
  `gpu:${vendor}:${field}:${reading}`;

/** Each field of each device at an instant. */
export function gpuInstant(
  scope: Scope,
  instant: InstantReading,
  only: readonly string[],
): Figure[] {
  return eachVendor(only, (vendor) =>
    gpuFields.flatMap((field) => readingFigures(scope, vendor, field, instant.latest)),
  );
}

/**
 * Means of utilization and watts over a range, and the growth of joules, of each series: exporters name the pod that has a
 * device, so that one device is many series, one after the other or side by side.
 */
export function gpuTargets(scope: Scope, only: readonly string[]): TargetFigures {
  const counters: CounterFigure[] = [];
  const gauges: GaugeFigure[] = [];
  for (const vendor of gpuVendors.filter((one) => only.includes(one.vendor))) {
    for (const field of ['utilization', 'watts'] as const)
      for (const { figure, selected, bounds, factor, metric } of readingsOf(scope, vendor, field)) {
        const group = devicesOf(figure, vendor, metric);
        const { max } = bounds;
        const samples = (seconds: number) => `${selected}${rangeOf(seconds)}`;
        const over = (name: string, range: string) => scaled(`${name}(${range})`, factor);
        gauges.push(
          {
            figure,
            group,
            expr: (seconds) => over('avg_over_time', samples(seconds)),
            sane: (seconds) => over('avg_over_time', samplesWithin(selected, seconds, bounds)),
          },
          {
            figure: beyond(figure),
            group,
            expr: (seconds) => `max_over_time(${samples(seconds)}) > ${max}`,
          },
        );
      }
    const { energy, matchers } = vendor;
    if (energy === undefined || !scope.has(energy.metric)) continue;
    const selected = scope.select(energy.metric, ...matchers);
    const figure = gpuFigure(vendor.vendor, 'energy');
    const group = devicesOf(figure, vendor, energy.metric);
    counters.push({ figure, group, expr: (of) => scaled(of(selected), energy.factor) });
  }
  return { counters, gauges };
}

/** The series of a metric of a vendor, a target each: it tells when they were sampled. */
function devicesOf(id: string, { vendor, matchers }: GpuVendor, metric: string): TargetGroup {
  return { id, metric, matchers, labels: { without: [] }, family: vendor };
}

const scaled = (expr: string, factor: number) => (factor === 1 ? expr : `${expr} * ${factor}`);

/** Utilization of each device at each point. */
export function gpuPoints(scope: Scope, at: InstantReading, only: readonly string[]): Figure[] {
  return eachVendor(only, (vendor) =>
    readingFigures(scope, vendor, 'utilization', (selected, { max }) => {
      return `${at.latest(selected)} <= ${max}`;
    }),
  );
}

function eachVendor(only: readonly string[], figures: (vendor: GpuVendor) => Figure[]): Figure[] {
  return gpuVendors.filter(({ vendor }) => only.includes(vendor)).flatMap(figures);
}

/** The readings of a field that there are: each with its figure, its series, and its bounds unscaled. */
function readingsOf(scope: Scope, vendor: GpuVendor, field: GpuField) {
  return (vendor.fields[field] ?? []).flatMap((reading, index) => {
    const { metric, factor } = reading;
    if (!scope.has(metric)) return [];
    const { min, max, slack = 0 } = gpuBounds[field];
    return [
      {
        ...reading,
        figure: gpuFigure(vendor.vendor, field, index),
        selected: scope.select(metric, ...vendor.matchers),
        bounds: { min: (min - slack) / factor, max: (max + slack) / factor },
      },
    ];
  });
}

/** A figure for each reading of a field that there is. */
function readingFigures(
  scope: Scope,
  vendor: GpuVendor,
  field: GpuField,
  read: (selected: string, bounds: Bounds) => string,
): Figure[] {
  return readingsOf(scope, vendor, field).map(({ figure, selected, bounds, factor }) => ({
    figure,
    expr: ofDevices(vendor, read(selected, bounds), selected, factor),
  }));
}

/** One series a device and slice: of several pods that an exporter named for it, those of its newest scrape. */
function ofDevices(vendor: GpuVendor, latest: string, selected: string, factor: number): string {
  const by = identityOf(vendor).join(', ');
  const at = `timestamp(${selected})`;
  const newest = `${latest} and ${at} >= on (${by}) group_left () (max by (${by}) (${at}) - 1)`;
  return scaled(`(max by (${by}) (${newest}) or max by (${by}) (${latest}))`, factor);
}
