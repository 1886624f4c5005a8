import type { Panel } from './panel.js';

const gridColumns = 24;

/** What makes a template: file name without `.json`, title, and panels in reading order. */
export interface TemplateSource {
  name: string;
  title: string;
  uid: string;
  description: string;
  panels: readonly Panel[];
  /** What is asked for beside the data source when it is imported by hand; the cluster unless told. */
  variables?: readonly Variable[];
}

/** A variable that lists the values of a label. */
export interface Variable {
  name: string;
  label: string;
  /** `label_values(<selector>, <label>)` */
  query: string;
  /** Keeps of each value what the first group of this regular expression matches: `/^(.+)-[0-9]+$/`. */
  regex?: string;
  /** Whether several may be chosen, all of them at first. */
  multi?: boolean;
  /** The expression for all of them; a list of them unless given. */
  allValue?: string;
}

/** The variable that is filled in for each cluster. */
export const clusterVariable: Variable = {
  name: 'cluster',
  label: 'Cluster',
  query: 'label_values(node_uname_info, cluster)',
};

function variableJson({
  name,
  label,
  query,
  regex,
  multi = false,
  allValue,
}: Variable): Record<string, unknown> {
  return {
    datasource: { type: 'prometheus', uid: '$datasource' },
    label,
    name,
    query: { query, refId: `${name}s` },
    refresh: 2,
    ...(regex !== undefined && { regex }),
    sort: 1,
    type: 'query',
    ...(multi && {
      current: { text: ['All'], value: ['$__all'] },
      ...(allValue !== undefined && { allValue }),
      includeAll: true,
      multi: true,
    }),
  };
}

/** Panels left to right, then down; a row is as high as its highest panel. */
function layOut(panels: readonly Panel[]): Record<string, unknown>[] {
  let x = 0;
  let y = 0;
  let rowHeight = 0;
  return panels.map((panel, index) => {
    if (x + panel.width > gridColumns) {
      x = 0;
      y += rowHeight;
      rowHeight = 0;
    }
    const gridPos = { h: panel.height, w: panel.width, x, y };
    x += panel.width;
    rowHeight = Math.max(rowHeight, panel.height);
    return { ...panel.json, gridPos, id: index + 1 };
  });
}

/**
 * A classic Grafana dashboard that also imports by hand: `$datasource` and `$cluster` are
 * variables here and are filled in at provisioning. Schema version 37 is what Grafana 9.4
 * writes; every later Grafana migrates it on load.
 */
export function dashboardJson(source: TemplateSource): Record<string, unknown> {
  return {
    annotations: { list: [] },
    description: source.description,
    editable: true,
    fiscalYearStartMonth: 0,
    graphTooltip: 1,
    links: [],
    panels: layOut(source.panels),
    refresh: '30s',
    schemaVersion: 37,
    tags: ['bud-monitoring', 'kubernetes'],
    templating: {
      list: [
        {
          label: 'Data source',
          name: 'datasource',
          query: 'prometheus',
          refresh: 1,
          type: 'datasource',
        },
        ...(source.variables ?? [clusterVariable]).map(variableJson),
      ],
    },
    time: { from: 'now-1h', to: 'now' },
    timepicker: {},
    timezone: 'utc',
    title: source.title,
    uid: source.uid,
    version: 1,
    weekStart: '',
  };
}
