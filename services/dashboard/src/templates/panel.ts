/** Kinds of panel the templates use. */
export type PanelType = 'stat' | 'timeseries' | 'table';

/** One query of a panel; `name` is its column in a table. */
export interface Target {
  expr: string;
  legend?: string;
  name?: string;
  unit?: string;
}

/** What a panel needs beyond title, query and kind. */
export interface PanelOptions {
  /** One sentence for the person who looks at it. */
  description: string;
  /** Grafana unit id; inferred from the query where absent. */
  unit?: string;
  /** Label that names a series; `{{label}}` in the legend. Default `namespace`. */
  by?: string;
  /** Grid columns of 24, default 24 (4 for a stat). */
  width?: number;
  /** Grid rows, default 6 (3 for a stat). */
  height?: number;
}

/** A Grafana panel as JSON, without id and grid position, which the dashboard gives. */
export interface Panel {
  type: PanelType;
  title: string;
  width: number;
  height: number;
  json: Record<string, unknown>;
}

const datasource = { type: 'prometheus', uid: '$datasource' };

/**
 * Unit of a query by the names in it: ratios are `percentunit`, byte rates `Bps`, and so on.
 * Returns Grafana's `short` where nothing is known.
 */
export function inferUnit(expr: string): string {
  const isRate = /\b(i?rate|increase)\s*\(/.test(expr);
  const isRatio = /ratio|utili[sz]ation:|\)\s*\/\s*sum/.test(expr);
  if (isRatio) return 'percentunit';
  if (expr.includes('_bytes')) return isRate ? 'Bps' : 'bytes';
  if (/packets|_drop_total|_errs_total/.test(expr)) return 'pps';
  if (/_fs_(reads|writes)_total/.test(expr)) return 'iops';
  if (/_watts|joules_total|POWER_USAGE/.test(expr)) return 'watt';
  if (/celsius|TEMP/.test(expr)) return 'celsius';
  return 'short';
}

/** Thresholds belong on percent panels only: 70 and 90 of a hundred mean nothing for bytes. */
function thresholds(unit: string): Record<string, unknown> {
  const whole = unit === 'percentunit' ? 1 : unit === 'percent' ? 100 : undefined;
  const steps = [
    { color: 'green', value: null },
    ...(whole === undefined
      ? []
      : [
          { color: 'yellow', value: 0.7 * whole },
          { color: 'red', value: 0.9 * whole },
        ]),
  ];
  return { mode: 'absolute', steps };
}

const refIds = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The label that says which column of a table a value belongs to. */
const columnLabel = 'column';

const columnOf = ({ name, expr }: Target): string => name ?? expr;

function targetJson(target: Target, index: number, type: PanelType, by: string) {
  const shared = { datasource, editorMode: 'code', refId: refIds.charAt(index) };
  if (type === 'timeseries')
    return {
      ...shared,
      expr: target.expr,
      legendFormat: target.legend ?? `{{${by}}}`,
      range: true,
    };
  const column = JSON.stringify(columnOf(target));
  return {
    ...shared,
    expr:
      type === 'table'
        ? `label_replace(${target.expr}, "${columnLabel}", ${column}, "", "")`
        : target.expr,
    instant: true,
    range: false,
    format: 'time_series',
  };
}

/**
 * Columns of a table: each query's value under its name, a row for each value of the label. Public
 * pages ignore `format: table`, so labels are made into fields here; and all by the names of the fields,
 * since a query without data would shift the numbers.
 */
function tableJson(targets: readonly Target[], by: string) {
  const names = targets.map(columnOf);
  return {
    transformations: [
      { id: 'labelsToFields', options: { mode: 'columns', valueLabel: columnLabel } },
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          indexByName: Object.fromEntries([by, ...names].map((name, index) => [name, index])),
          renameByName: { [by]: by.charAt(0).toUpperCase() + by.slice(1) },
        },
      },
    ],
    overrides: targets.map((target) => ({
      matcher: { id: 'byName', options: columnOf(target) },
      properties: [{ id: 'unit', value: target.unit ?? inferUnit(target.expr) }],
    })),
  };
}

function optionsJson(type: PanelType): Record<string, unknown> {
  if (type === 'stat') {
    return {
      colorMode: 'value',
      graphMode: 'none',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      textMode: 'auto',
    };
  }
  if (type === 'table') return { showHeader: true };
  return {
    legend: {
      calcs: ['lastNotNull', 'max'],
      displayMode: 'table',
      placement: 'right',
      showLegend: true,
    },
    tooltip: { mode: 'multi', sort: 'desc' },
  };
}

/**
 * The one builder of panels: unit inferred from the query, minimum 0, steps green/70/90 on
 * percent panels, a legend table at the right with last and max.
 */
export function panel(
  title: string,
  queries: string | readonly Target[],
  type: PanelType,
  options: PanelOptions,
): Panel {
  const targets = typeof queries === 'string' ? [{ expr: queries }] : queries;
  const by = options.by ?? 'namespace';
  const unit = options.unit ?? inferUnit(targets[0]?.expr ?? '');
  const { overrides = [], ...table } = type === 'table' ? tableJson(targets, by) : {};
  return {
    type,
    title,
    width: options.width ?? (type === 'stat' ? 4 : 24),
    height: options.height ?? (type === 'stat' ? 3 : 6),
    json: {
      datasource,
      description: options.description,
      fieldConfig: {
        defaults: {
          ...(type === 'timeseries'
            ? { custom: { fillOpacity: 10, lineWidth: 1, showPoints: 'never', spanNulls: false } }
            : {}),
          min: 0,
          thresholds: thresholds(unit),
          unit,
        },
        overrides,
      },
      options: optionsJson(type),
      targets: targets.map((target, index) => targetJson(target, index, type, by)),
      title,
      ...table,
      type,
    },
  };
}
