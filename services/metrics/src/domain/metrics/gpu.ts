import type { LabelMatcher } from '@bud-monitoring/promql';
import type { GpuDevice } from '@bud-monitoring/contracts';
import type { Figure } from '../promql/figure.js';
import type { Scope } from '../promql/scope.js';
import type { InstantReading } from '../targets/instant-reading.js';
import { nodeLabels } from '../targets/node-labels.js';
import type { GaugeFigure, TargetFigures } from '../time-base/blocks/block-figures.js';
import type { CounterFigure } from '../time-base/counter-figure.js';
import { grouping } from '../time-base/target-group.js';

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
const identity = [...nodeLabels, ...deviceLabels, ...modelLabels];
const by = identity.join(', ');

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

/** Mean utilization and watts of each device over a range, and the growth of its joules. */
export function gpuTargets(scope: Scope, only: readonly string[]): TargetFigures {
  const counters: CounterFigure[] = [];
  const gauges: GaugeFigure[] = [];
  for (const vendor of gpuVendors.filter((one) => only.includes(one.vendor))) {
    const group = devicesOf(scope, vendor);
    if (group === null) continue;
    for (const field of ['utilization', 'watts'] as const) {
      const expr = (range: string) =>
        firstOf(scope, vendor, field, (selected) => `avg_over_time(${selected}${range})`);
      const figure = gpuFigure(vendor.vendor, field);
      if (expr('[5m]') !== null) gauges.push({ figure, group, expr: (range) => expr(range) ?? '' });
    }
    const { energy, matchers } = vendor;
    if (energy === undefined || !scope.has(energy.metric)) continue;
    const selected = scope.select(energy.metric, ...matchers);
    counters.push({
      figure: gpuFigure(vendor.vendor, 'energy'),
      group,
      expr: (of) => `max ${grouping(group)} (${of(selected)}) * ${energy.factor}`,
    });
  }
  return { counters, gauges };
}

/** The devices of a vendor: a target each, which the first of its metrics tells when it was sampled. */
function devicesOf(scope: Scope, { vendor, fields, energy, matchers }: GpuVendor) {
  const readings = [fields.utilization, fields.watts, energy && [energy]].flatMap(
    (one) => one ?? [],
  );
  const metric = readings.find((one) => scope.has(one.metric))?.metric;
  return metric === undefined
    ? null
    : { id: `gpu:${vendor}`, metric, matchers, labels: { by: identity } };
}

/** Utilization of each device at each point. */
export function gpuPoints(scope: Scope, at: InstantReading, only: readonly string[]): Figure[] {
  return eachVendor(only, (vendor) => {
    const expr = firstOf(scope, vendor, 'utilization', at.latest);
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
