import type { ComponentChildren } from 'preact';
import './table.css';

export interface Column<Row> {
  key: string;
  title: string;
  /** Of all its figures, told in the head. */
  unit?: string;
  align?: 'end';
  /** By what the API sorts it; without it cannot be sorted. */
  sort?: string;
  cell: (row: Row) => ComponentChildren;
}

export interface Sorting {
  by: string;
  order: 'asc' | 'desc';
  change: (by: string, order: 'asc' | 'desc') => void;
}

/** How a column is sorted first: figures from the largest, texts from A. */
const firstOrder = ({ align }: { align?: 'end' }) => (align === 'end' ? 'desc' : 'asc');

/**
 * A table of real rows. The first column names the row. On a narrow screen each row stands by itself, its figures with
 * the names of their columns.
 */
export function Table<Row>(props: {
  /** Says what it is a table of; not seen. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  sorting?: Sorting;
}) {
  const { caption, columns, rows, rowKey, sorting } = props;
  return (
    // The roles say what a layout without table boxes would take away.
    <table class="table" role="table">
      <caption class="visually-hidden">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <Head key={column.key} column={column} sorting={sorting} />
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={rowKey(row)} role="row">
            {columns.map(({ key, title, unit, align, cell }, place) => {
              const label = unit === undefined ? title : `${title}, ${unit}`;
              const look = align === 'end' ? 'cell cell-end' : 'cell';
              const content = <div class="cell-content">{cell(row)}</div>;
              return place === 0 ? (
                <th key={key} class={look} scope="row" role="rowheader">
                  {content}
                </th>
              ) : (
                <td key={key} class={look} role="cell" data-label={label}>
                  {content}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Head<Row>({ column, sorting }: { column: Column<Row>; sorting: Sorting | undefined }) {
  const { title, unit, align, sort } = column;
  const look = align === 'end' ? 'head head-end' : 'head';
  const text = (
    <>
      {title}
      {unit !== undefined && <span class="head-unit"> {unit}</span>}
    </>
  );
  if (sort === undefined || !sorting)
    return (
      <th class={look} scope="col" role="columnheader">
        {text}
      </th>
    );
  const sorted = sorting.by === sort ? sorting.order : null;
  const other = sorted === 'asc' ? 'desc' : 'asc';
  return (
    <th
      class={look}
      scope="col"
      role="columnheader"
      aria-sort={sorted === null ? undefined : sorted === 'asc' ? 'ascending' : 'descending'}
    >
      <button
        type="button"
        class="head-button"
        onClick={() => sorting.change(sort, sorted === null ? firstOrder(column) : other)}
      >
        {text}
        <span class="head-arrow" aria-hidden="true">
          {sorted === null ? '' : sorted === 'asc' ? '▲' : '▼'}
        </span>
      </button>
    </th>
  );
}
