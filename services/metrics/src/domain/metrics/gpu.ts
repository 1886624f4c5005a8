import type { LabelMatcher } from '@bud-monitoring/promql';
import type { GpuDevice } from '@bud-monitoring/contracts';
import type { Figure } from '../promql/figure.js';
import type { Scope } from '../promql/scope.js';
import type { InstantReading } from '../targets/instant-reading.js';
import { nodeLabels } from '../targets/node-labels.js';
import type { RangeAggregation } from '../targets/range-aggregation.js';

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
}

interface GpuVendor {
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
        { metric: 'DCGM_FI_DEV_GPU_UTIL', factor: 1 },
        { metric: 'DCGM_FI_PROF_GR_ENGINE_ACTIVE', factor: 100 },
      ],
      used: one('DCGM_FI_DEV_FB_USED', mib),
      free: one('DCGM_FI_DEV_FB_FREE', mib),
      reserved: one('DCGM_FI_DEV_FB_RESERVED', mib),
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
    matchers: [{ label: 'gpu_partition_id', op: '=~', value: '|0' }],
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
  'serial_number',
  'gpu',
  'gpu_id',
  'device',
];
export const modelLabels = ['modelName', 'card_model', 'card_series', 'device_name'];
const by = [...nodeLabels, ...deviceLabels, ...modelLabels].join(', ');

export const gpuFigure = (vendor: string, field: string) => `gpu:${vendor}:${field}`;

/** Each field of each device at an instant. */
export function gpuInstant(
  scope: Scope,
  instant: InstantReading,
  only: readonly string[],
): Figure[] {
  return eachVendor(only, (vendor) =>
    gpuFields.flatMap((field) => {
      const expr = firstOf(scope, vendor, field, (selected) => instant.latest(selected));
      return expr === null ? [] : [{ figure: gpuFigure(vendor.vendor, field), expr }];
    }),
  );
}

/** Mean utilization and watts, and the joules, of each device over a range. */
export function gpuMean(
  scope: Scope,
  aggregation: RangeAggregation,
  only: readonly string[],
): Figure[] {
  return eachVendor(only, (vendor) => {
    const figures: Figure[] = [];
    const add = (field: string, expr: string | null) => {
      if (expr !== null) figures.push({ figure: gpuFigure(vendor.vendor, field), expr });
    };
    const mean = (selected: string) => `avg_over_time(${selected}${aggregation.rangeSelector})`;
    add('utilization', firstOf(scope, vendor, 'utilization', mean));
    add('watts', firstOf(scope, vendor, 'watts', mean));
    const heartbeat = vendor.fields.utilization?.find(({ metric }) => scope.has(metric));
    if (heartbeat !== undefined) {
      const selected = scope.select(heartbeat.metric, ...vendor.matchers);
      add('covered', `max by (${by}) (${aggregation.coverage(selected, heartbeat.metric)})`);
    }
    if (vendor.energy !== undefined && scope.has(vendor.energy.metric)) {
      const { metric, factor } = vendor.energy;
      const growth = aggregation.growth(scope.select(metric, ...vendor.matchers), metric);
      add('joules', `max by (${by}) (${growth}) * ${factor}`);
    }
    return figures;
  });
}

/** Utilization of each device at each point. */
export function gpuPoints(
  scope: Scope,
  at: InstantReading | RangeAggregation,
  only: readonly string[],
): Figure[] {
  return eachVendor(only, (vendor) => {
    const read = (selected: string) =>
      at.kind === 'instant' ? at.latest(selected) : `avg_over_time(${selected}${at.rangeSelector})`;
    const expr = firstOf(scope, vendor, 'utilization', read);
    return expr === null ? [] : [{ figure: gpuFigure(vendor.vendor, 'utilization'), expr }];
  });
}

function eachVendor(only: readonly string[], figures: (vendor: GpuVendor) => Figure[]): Figure[] {
  return gpuVendors.filter(({ vendor }) => only.includes(vendor)).flatMap(figures);
}

function firstOf(
  scope: Scope,
  vendor: GpuVendor,
  field: GpuField,
  read: (selected: string) => string,
): string | null {
  const known = (vendor.fields[field] ?? []).filter(({ metric }) => scope.has(metric));
  if (known.length === 0) return null;
  return known
    .map(({ metric, factor }) => {
      const value = `max by (${by}) (${read(scope.select(metric, ...vendor.matchers))})`;
      return factor === 1 ? value : `${value} * ${factor}`;
    })
    .map((expr) => `(${expr})`)
    .join(' or ');
}
