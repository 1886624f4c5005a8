import type { TemplateProblem, TemplateReport } from '@bud-monitoring/contracts';
import { isJsonObject, joinPath, walk, type Json, type JsonObject } from '../json.js';
import { namesSample, sampleNamed } from '../prepare.js';
import { queriesOf } from '../queries.js';
import { sampleValues, scopeProblems } from '../scope.js';
import { isKnownUnit } from '../units.js';
import { withNameInRows } from '../row-titles.js';
import { interpolate, ownVariables, variablesIn } from '../variables.js';
import { exceededLimit } from './limits.js';

type Severity = TemplateProblem['severity'];
type Report = (severity: Severity, path: string, message: string) => void;

/** Panel types that show no data. */
const withoutData = new Set(['row', 'text', 'news', 'dashlist', 'welcome']);

/**
 * Checks a classic dashboard template. Errors keep it from being published: it would break, or show
 * more than its cluster. Warnings are what makes a dashboard hard to read. `shared`: whether it gets the
 * public link, which only the main one does; null where that is not known.
 */
export function lint(
  template: Json,
  { shared }: { shared: boolean | null } = { shared: null },
): TemplateReport {
  const exceeded = exceededLimit(template);
  if (exceeded !== null) {
    return {
      valid: false,
      panels: 0,
      queries: 0,
      problems: [{ severity: 'error', path: '', message: exceeded }],
    };
  }
  const problems: TemplateProblem[] = [];
  const report: Report = (severity, path, message) => problems.push({ severity, path, message });
  const panels = lintShape(template, report);
  const queries = isJsonObject(template) ? queriesOf(template).length : 0;
  if (isJsonObject(template) && problems.length === 0) {
    panels.forEach(({ panel, path }) => lintPanel(panel, path, report));
    lintIds(panels, report);
    lintRefresh(template['refresh'], report);
    const filled = interpolate(template, sampleValues) as JsonObject;
    problems.push(...scopeProblems(filled, sampleValues));
    if (namesSample(template)) problems.push(sampleNamed);
    lintVariables(withNameInRows(filled, ''), shared, report);
    if (shared !== false) lintPublicPage(panels, report);
  }
  const valid = !problems.some(({ severity }) => severity === 'error');
  return { valid, panels: panels.length, queries, problems: atMost(problems) };
}

/** Problems that are listed: errors first, so that none of the rest hides one. */
const maxProblems = 100;

function atMost(problems: TemplateProblem[]): TemplateProblem[] {
  if (problems.length <= maxProblems) return problems;
  const isError = ({ severity }: TemplateProblem) => severity === 'error';
  const ordered = [...problems.filter(isError), ...problems.filter((one) => !isError(one))];
  const message = `${problems.length - maxProblems} more problems are not listed`;
  return [...ordered.slice(0, maxProblems), { severity: 'warning', path: '', message }];
}

interface PanelSite {
  panel: JsonObject;
  path: string;
}

/** Whether it is a classic dashboard at all, and its panels, those inside rows too. */
function lintShape(template: Json, report: Report): PanelSite[] {
  if (!isJsonObject(template)) {
    report('error', '', 'must be a JSON object');
    return [];
  }
  if ('apiVersion' in template || 'elements' in template || isJsonObject(template['spec'])) {
    report('error', '', 'is a dashboard of the new format: export it as classic JSON');
    return [];
  }
  if (typeof template['title'] !== 'string' || template['title'].trim() === '')
    report('error', 'title', 'must be a text that is not empty');
  if ('__inputs' in template || '__elements' in template)
    report('error', '', 'was exported for sharing: export it without, and use $datasource');
  const { panels } = template;
  if (!Array.isArray(panels) || panels.length === 0) {
    report('error', 'panels', 'must be a list with a panel in it');
    return [];
  }
  return panelsOf(panels, 'panels', report);
}

function panelsOf(panels: Json[], path: string, report: Report): PanelSite[] {
  return panels.flatMap((panel, n) => {
    const at = joinPath(path, n);
    if (!isJsonObject(panel)) {
      report('error', at, 'must be a JSON object');
      return [];
    }
    const inner = Array.isArray(panel['panels'])
      ? panelsOf(panel['panels'], joinPath(at, 'panels'), report)
      : [];
    return [{ panel, path: at }, ...inner];
  });
}

function lintPanel(panel: JsonObject, path: string, report: Report): void {
  if ('libraryPanel' in panel)
    report('error', path, 'is a library panel, which a shared dashboard cannot show');
  if (typeof panel['repeat'] === 'string')
    report('error', `${path}.repeat`, 'repeats over a variable, which a shared dashboard has not');
  if (typeof panel['type'] !== 'string')
    report('error', `${path}.type`, 'must name a kind of panel');
  if (typeof panel['type'] === 'string' && withoutData.has(panel['type'])) return;
  if (!Array.isArray(panel['targets']) || panel['targets'].length === 0)
    report('error', `${path}.targets`, 'must be a list with a query in it');
  if (typeof panel['title'] !== 'string' || panel['title'] === '')
    report('warning', `${path}.title`, 'is missing');
  if (typeof panel['description'] !== 'string' || panel['description'] === '')
    report('warning', `${path}.description`, 'is missing');
  const units = unitsOf(panel['fieldConfig']);
  if (units.length === 0) report('warning', `${path}.fieldConfig`, 'gives no unit');
  for (const unit of units)
    if (!isKnownUnit(unit))
      report('warning', `${path}.fieldConfig`, `has the unknown unit ${unit}`);
}

/** The units of a panel's fields and of their overrides. */
function unitsOf(fieldConfig: Json | undefined): string[] {
  const units: string[] = [];
  walk(fieldConfig ?? null, (value, _path, key) => {
    if (key === 'unit' && typeof value === 'string') units.push(value);
    if (isJsonObject(value) && value['id'] === 'unit' && typeof value['value'] === 'string')
      units.push(value['value']);
  });
  return units;
}

function lintIds(panels: PanelSite[], report: Report): void {
  const seen = new Set<Json | undefined>();
  for (const { panel, path } of panels) {
    const { id } = panel;
    if (typeof id !== 'number') report('error', `${path}.id`, 'must be a number');
    else if (seen.has(id)) report('error', `${path}.id`, `is ${id}, as another panel's`);
    seen.add(id);
  }
}

const secondsOf: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3_600, d: 86_400 };

/** Every viewer of the public link repeats all queries at this pace. */
function lintRefresh(refresh: Json | undefined, report: Report): void {
  if (refresh === undefined || refresh === null || refresh === '' || refresh === false) return;
  const [, count, unit] =
    /^(\d+)(ms|s|m|h|d)$/.exec(typeof refresh === 'string' ? refresh : '') ?? [];
  if (count === undefined || unit === undefined)
    report('warning', 'refresh', 'must be a duration such as 30s');
  else if (Number(count) * (secondsOf[unit] ?? 0) < 30)
    report('warning', 'refresh', 'must be 30s or more');
}

/**
 * A remaining variable would be shown or queried literally, but for a dashboard's own, which those who are
 * logged in can choose. Grafana's own begin with `__`.
 */
function lintVariables(filled: JsonObject, shared: boolean | null, report: Report): void {
  const own = new Set(ownVariables(filled).map(({ name }) => name));
  walk({ ...filled, templating: null }, (value, path) => {
    if (typeof value !== 'string') return;
    for (const variable of variablesIn(value)) {
      const [name = ''] = /\w+/.exec(variable) ?? [];
      if (name.startsWith('__')) continue;
      if (!own.has(name)) report('error', path, `leaves the variable ${variable}`);
      else if (shared !== false)
        report(
          shared === true ? 'error' : 'warning',
          path,
          `keeps the variable ${variable}, which a public page has not: it is blank there`,
        );
    }
  });
}

/** What shows to those who are logged in, and is blank behind the public link. */
function lintPublicPage(panels: PanelSite[], report: Report): void {
  for (const { panel, path } of panels) {
    const targets = Array.isArray(panel['targets']) ? panel['targets'].filter(isJsonObject) : [];
    if (targets.some(({ format }) => format === 'table'))
      report(
        'warning',
        `${path}.targets`,
        'has format: table, which a public page ignores, so that joining finds nothing: use time_series, and the transformations labelsToFields and merge',
      );
    if (/Value #[A-Z]/.test(JSON.stringify(panel['transformations'] ?? null)))
      report(
        'warning',
        `${path}.transformations`,
        'names columns as Value #A, which a public page has not: name them by a label',
      );
  }
}
