import type { PanelOptions, PanelType, Target } from './options.js';
import { mappings, seriesColors, thresholds, usageSteps, type Step } from './style.js';
import { columnQuery, tableJson } from './table.js';
import { inferUnit } from './units.js';

/** A Grafana panel as JSON, without id and grid position, which the dashboard gives. */
export interface Panel {
  type: PanelType | 'row';
  title: string;
  width: number;
  height: number;
  json: Record<string, unknown>;
}

const datasource = { type: 'prometheus', uid: '$datasource' };
const refIds = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Panels from this width on have their legend at the right, others below, where it takes less. */
const wide = 18;

function targetJson(target: Target, index: number, type: PanelType, by: string) {
  const shared = { datasource, editorMode: 'code', refId: refIds.charAt(index) };
  const legend = by.replace(/(\w+),? ?/g, '{{$1}} ').trim();
  return type === 'timeseries'
    ? { ...shared, expr: target.expr, legendFormat: target.legend ?? legend, range: true }
    : {
        ...shared,
        expr: type === 'table' ? columnQuery(target) : target.expr,
        instant: true,
        range: false,
        format: 'time_series',
      };
}

function optionsJson(type: PanelType, width: number): Record<string, unknown> {
  if (type === 'stat') {
    return {
      colorMode: 'value',
      graphMode: 'none',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      textMode: 'auto',
    };
  }
  return {
    legend:
      width >= wide
        ? {
            calcs: ['lastNotNull', 'max'],
            displayMode: 'table',
            placement: 'right',
            showLegend: true,
            sortBy: 'Last *',
            sortDesc: true,
          }
        : { calcs: [], displayMode: 'list', placement: 'bottom', showLegend: true },
    tooltip: { mode: 'multi', sort: 'desc' },
  };
}

function customJson({ stacked = false }: PanelOptions) {
  return {
    fillOpacity: stacked ? 60 : 10,
    lineWidth: 1,
    showPoints: 'never',
    spanNulls: false,
    ...(stacked && { stacking: { group: 'A', mode: 'normal' } }),
  };
}

/**
 * The one builder of panels: unit inferred from the query, minimum 0, steps green/70/90 on
 * shares, a legend table at the right with last and max where there is room.
 */
export function panel(
  title: string,
  queries: string | readonly Target[],
  type: PanelType,
  options: PanelOptions,
): Panel {
  const targets = typeof queries === 'string' ? [{ expr: queries }] : queries;
  const unit = options.unit ?? inferUnit(targets[0]?.expr ?? '');
  const width = options.width ?? (type === 'stat' ? 4 : 24);
  const isShare = unit === 'percentunit' || unit === 'percent';
  const scale = unit === 'percent' ? 100 : 1;
  const shareSteps = usageSteps.map(([from, color]): Step => [from * scale, color]);
  const steps = options.steps ?? (isShare ? shareSteps : []);
  const table = type === 'table' ? tableJson(targets, options) : null;
  return {
    type,
    title,
    width,
    height: options.height ?? (type === 'stat' ? 3 : 8),
    json: {
      datasource,
      description: options.description,
      fieldConfig: {
        defaults: {
          ...(type === 'timeseries' && { custom: customJson(options) }),
          ...(options.decimals !== undefined && { decimals: options.decimals }),
          ...(options.mapping !== undefined && { mappings: mappings(options.mapping) }),
          ...(options.signed !== true && { min: 0 }),
          // A count has no colour of its own unless somebody should look.
          thresholds: thresholds(steps, type === 'stat' && steps.length === 0 ? 'text' : 'green'),
          unit,
        },
        overrides: table?.overrides ?? seriesColors(options.colors ?? {}),
      },
      options: table?.options ?? optionsJson(type, width),
      targets: targets.map((target, index) =>
        targetJson(target, index, type, options.by ?? 'namespace'),
      ),
      title,
      ...(table !== null && { transformations: table.transformations }),
      type,
    },
  };
}

/** A heading over the panels that follow. */
export function row(title: string): Panel {
  const json = { collapsed: false, panels: [], title, type: 'row' };
  return { type: 'row', title, width: 24, height: 1, json };
}
