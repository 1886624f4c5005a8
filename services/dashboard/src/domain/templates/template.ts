import { createHash } from 'node:crypto';
import type { TemplateReport } from '@bud-monitoring/contracts';
import { isJsonObject, type Json, type JsonObject } from './json.js';
import { exceededLimit } from './lint/limits.js';
import type { ClusterNeed } from '../grafana/cluster-needs.js';
import { lint } from './lint/lint.js';
import { prepare, type PreparedTemplate, type PrepareInput } from './prepare.js';

/** A dashboard template, read once at start. */
export interface Template {
  /** File name without `.json`. */
  name: string;
  /** What follows the cluster id in the dashboard's uid; empty for the main one. */
  suffix: string;
  /** What a cluster has to have for its dashboard; null where every cluster gets it. */
  needs: ClusterNeed | null;
  /** What follows the cluster's name in the title; empty for the main one. */
  label: string;
  title: string;
  dashboard: JsonObject;
  hash: string;
  /** Whether it depends on the window of rates. */
  takesRates: boolean;
  report: TemplateReport;
  /** What `prepare` makes of it, once for each data source and window of rates. */
  prepare: (input: PrepareInput) => PreparedTemplate;
}

/** The template whose dashboard gets the public link. */
export const mainTemplate = 'cluster';

/** The uid suffixes of the built-in templates, and their needs; every other template is a custom one. */
const builtIn: Record<string, { suffix: string; needs?: ClusterNeed }> = {
  [mainTemplate]: { suffix: '' },
  nodes: { suffix: '-n' },
  workloads: { suffix: '-w' },
  power: { suffix: '-p' },
  gpu: { suffix: '-g', needs: 'gpu' },
  inference: { suffix: '-i', needs: 'inference' },
};

/** Whether a template is built in: while one of these is invalid, nothing is published. */
export function isBuiltIn(name: string): boolean {
  return Object.hasOwn(builtIn, name);
}

/** A custom template's suffix is three characters of a hash: a uid has room for no more. */
function suffixOf(name: string): string {
  const own = builtIn[name];
  if (own !== undefined) return own.suffix;
  const number = createHash('sha256').update(name).digest().readUInt32BE(0) % 36 ** 3;
  return `-${number.toString(36).padStart(3, '0')}`;
}

/** Grafana's export may wrap the dashboard. */
function unwrap(json: Json): Json {
  return isJsonObject(json) && isJsonObject(json['dashboard']) ? json['dashboard'] : json;
}

/** What the lint says of a dashboard that may become a template. */
export function validateTemplate(json: Json): TemplateReport {
  return lint(unwrap(json), { shared: null });
}

/** Makes a template of a file's JSON and lints it; of one that exceeds the limits only the report is left. */
export function makeTemplate(name: string, json: Json): Template {
  const unwrapped = unwrap(json);
  const isUsable = isJsonObject(unwrapped) && exceededLimit(unwrapped) === null;
  const dashboard = isUsable ? unwrapped : {};
  const title = typeof dashboard['title'] === 'string' ? dashboard['title'] : name;
  const [last = ''] = title.split('/').slice(-1);
  return {
    name,
    suffix: suffixOf(name),
    needs: builtIn[name]?.needs ?? null,
    label: name === mainTemplate ? '' : Array.from(last.trim()).slice(0, 25).join(''),
    title,
    dashboard,
    hash: createHash('sha256').update(JSON.stringify(dashboard)).digest('hex').slice(0, 16),
    takesRates: JSON.stringify(dashboard).includes('__rate_interval'),
    report: lint(unwrapped, { shared: name === mainTemplate }),
    prepare: memoize((input) => prepare(dashboard, input)),
  };
}

function memoize<T>(make: (input: PrepareInput) => T): (input: PrepareInput) => T {
  const cache = new Map<string, T>();
  return (input) => {
    const key = JSON.stringify([input.datasourceUid, input.rateWindow]);
    const value = cache.get(key) ?? make(input);
    cache.set(key, value);
    return value;
  };
}
