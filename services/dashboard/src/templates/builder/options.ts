import type { Mapping, Step } from './style.js';

/** Kinds of panel the templates use. */
export type PanelType = 'stat' | 'timeseries' | 'table';

/** One query of a panel; `name` is its column in a table. */
export interface Target {
  expr: string;
  legend?: string;
  name?: string;
  unit?: string;
  decimals?: number;
  /** Texts of the values of a column. */
  mapping?: Mapping;
  /** Colours of a column of shares; at 70 and 90 % unless given. */
  steps?: readonly Step[];
}

/** What a panel needs beyond title, query and kind. */
export interface PanelOptions {
  /** One sentence for the person who looks at it. */
  description: string;
  /** Grafana unit id; inferred from the query where absent. */
  unit?: string;
  /** Labels that name a series, `{{label}}` in the legend; of a table, its rows. Default `namespace`. */
  by?: string;
  /** Grid columns of 24, default 24 (4 for a stat). */
  width?: number;
  /** Grid rows, default 8 (3 for a stat). */
  height?: number;
  /** Colours by value; shares have 70 and 90 % unless given. */
  steps?: readonly Step[];
  /** Fixed colours of series by their names. */
  colors?: Record<string, string>;
  /** Texts of the values of a stat. */
  mapping?: Mapping;
  /** Column by which a table is sorted, largest first; its first one unless given. */
  sortBy?: string;
  /** Where the labels of a table's row lead; `${__data.fields.Cluster}` is one of them. */
  link?: { title: string; url: string };
  stacked?: boolean;
  decimals?: number;
  /** Values below zero can be. */
  signed?: boolean;
}
