import type { PanelOptions, Target } from './options.js';
import { mappings, override, thresholds, usageSteps } from './style.js';
import { inferUnit } from './units.js';

/** The label that says which column of a table a value belongs to. */
const columnLabel = 'column';

const columnOf = ({ name, expr }: Target): string => name ?? expr;

/** The query of a column: its values carry the name of the column. */
export function columnQuery(target: Target): string {
  const column = JSON.stringify(columnOf(target));
  return `label_replace(${target.expr}, "${columnLabel}", ${column}, "", "")`;
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * Columns of a table: each query's value under its name, a row for each value of the labels. Public
 * pages ignore `format: table`, so labels are made into fields here; and all by the names of the fields,
 * since a query without data would shift the numbers.
 */
export function tableJson(targets: readonly Target[], options: PanelOptions) {
  const labels = (options.by ?? 'namespace').split(',').map((label) => label.trim());
  const names = [...labels, ...targets.map(columnOf)];
  const sortBy = options.sortBy ?? columnOf(targets[0] ?? { expr: '' });
  return {
    transformations: [
      { id: 'labelsToFields', options: { mode: 'columns', valueLabel: columnLabel } },
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          indexByName: Object.fromEntries(names.map((name, index) => [name, index])),
          renameByName: Object.fromEntries(labels.map((label) => [label, capitalized(label)])),
        },
      },
    ],
    overrides: [
      ...targets.map(columnOverride),
      ...(options.link === undefined
        ? []
        : labels.map((label) =>
            override(capitalized(label), { id: 'links', value: [options.link] }),
          )),
    ],
    options: {
      showHeader: true,
      sortBy: [{ displayName: sortBy, desc: sortBy !== capitalized(labels[0] ?? '') }],
    },
  };
}

function columnOverride(target: Target) {
  const unit = target.unit ?? inferUnit(target.expr);
  const isShare = unit === 'percentunit';
  return override(
    columnOf(target),
    { id: 'unit', value: unit },
    ...(target.mapping === undefined ? [] : [{ id: 'mappings', value: mappings(target.mapping) }]),
    ...(isShare ? [{ id: 'thresholds', value: thresholds(target.steps ?? usageSteps) }] : []),
    ...(isShare || target.mapping !== undefined
      ? [{ id: 'custom.displayMode', value: 'color-text' }]
      : []),
    ...(target.decimals === undefined ? [] : [{ id: 'decimals', value: target.decimals }]),
  );
}
