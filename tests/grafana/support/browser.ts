/** A data frame of Grafana: fields and, beside them, their values. */
export interface Frame {
  schema: { fields: { name: string; type?: string; labels?: Record<string, string> }[] };
  data: { values: unknown[][] };
}

/** A panel of a dashboard, as far as what it shows depends on it. */
export interface Panel {
  id: number;
  type: string;
  title: string;
  targets?: { refId: string; expr: string; format?: string }[];
  transformations?: { id: string; options: Record<string, unknown> }[];
}

interface Field {
  name: string;
  labels: Record<string, string>;
  values: unknown[];
}
type Table = Field[];

/**
 * What a browser makes of the data frames of a panel, by the rules of Grafana 9.4: the columns of a
 * table, or one for each series. `public` pages do not heed `format: table`.
 */
export function shownBy(panel: Panel, frames: readonly Frame[], page: 'own' | 'public'): Table {
  const byTable = page === 'own' && panel.targets?.some(({ format }) => format === 'table');
  if (byTable === true) throw new Error('a table by format is not known here');
  let tables = frames.map(toFields);
  for (const { id, options } of panel.transformations ?? []) {
    const transform = transformations[id];
    if (transform === undefined) throw new Error(`${id} is not known here`);
    tables = transform(tables, options);
  }
  // A table panel shows one frame, and chooses the first.
  return panel.type === 'table' ? (tables[0] ?? []) : tables.flatMap((table) => table.slice(1));
}

/** Fields with a value that can be drawn, and how many they have. */
export function valuesIn(table: Table): Map<string, number> {
  return new Map(
    table.map(({ name, values }, n) => [
      `${name}${n}`,
      values.filter((value) => value !== null && value !== undefined).length,
    ]),
  );
}

function toFields({ schema, data }: Frame): Table {
  return schema.fields.map(({ name, labels = {} }, n) => ({
    name,
    labels,
    values: data.values[n] ?? [],
  }));
}

const transformations: Record<
  string,
  (tables: Table[], options: Record<string, unknown>) => Table[]
> = {
  labelsToFields: (tables, { valueLabel }) => tables.map((t) => labelsToFields(t, valueLabel)),
  merge: (tables) => merge(tables),
  organize: (tables, options) => tables.map((table) => organize(table, options)),
};

/** Each label becomes a column; the label that names the value, the name of its column. */
function labelsToFields(table: Table, valueLabel: unknown): Table {
  const columns = table.flatMap(({ labels, ...field }) => {
    const name = typeof valueLabel === 'string' ? labels[valueLabel] : undefined;
    return { ...field, labels: {}, name: name ?? field.name };
  });
  const labels = table.flatMap((field) => Object.entries(field.labels));
  for (const [name, value] of labels)
    if (name !== valueLabel)
      columns.push({ name, labels: {}, values: Array<string>(length(table)).fill(value) });
  return columns;
}

/** One table; rows that are equal in all columns that every table has become one. */
function merge(tables: Table[]): Table[] {
  const names = [...new Set(tables.flatMap((table) => table.map(({ name }) => name)))];
  const keys = names.filter((name) => tables.every((t) => t.some((field) => field.name === name)));
  if (keys.length === 0) return tables;
  const rows = new Map<string, Record<string, unknown>>();
  for (const table of tables)
    for (let n = 0; n < length(table); n += 1) {
      const row = Object.fromEntries(table.map(({ name, values }) => [name, values[n]]));
      const key = JSON.stringify(keys.map((name) => row[name]));
      rows.set(key, { ...rows.get(key), ...row });
    }
  const merged = [...rows.values()];
  return [names.map((name) => ({ name, labels: {}, values: merged.map((row) => row[name]) }))];
}

/** Leaves out, orders and renames by the names of the columns. */
function organize(table: Table, options: Record<string, unknown>): Table {
  const { excludeByName = {}, indexByName = {}, renameByName = {} } = options as Organize;
  const at = ({ name }: Field) => indexByName[name] ?? Number.MAX_SAFE_INTEGER;
  return table
    .filter(({ name }) => excludeByName[name] !== true)
    .sort((a, b) => at(a) - at(b))
    .map((field) => ({ ...field, name: renameByName[field.name] ?? field.name }));
}

interface Organize {
  excludeByName?: Record<string, boolean>;
  indexByName?: Record<string, number>;
  renameByName?: Record<string, string>;
}

const length = (table: Table): number => Math.max(0, ...table.map(({ values }) => values.length));
