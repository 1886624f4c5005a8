import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { matcherTest, type LabelMatcher, type Scope } from '@bud-monitoring/promql';
import { InputError } from '../../input-error.js';
import { createPace } from '../../turns/pace.js';
import { LimitExceeded } from '../request/limits.js';
import { isWithin } from './reach.js';

type Labels = Readonly<Record<string, string>>;

interface Alert {
  readonly labels?: Labels;
  readonly state?: string;
}

interface Rule {
  readonly name?: string;
  readonly type?: string;
  readonly labels?: Labels;
  readonly alerts?: readonly Alert[] | undefined;
  readonly state?: string;
  readonly lastError?: string;
}

interface Group {
  readonly name?: string;
  readonly file?: string;
  readonly rules?: readonly Rule[];
}

/** What a caller asks of `/rules`, by Prometheus' names. */
export interface RuleFilters {
  readonly type: 'alert' | 'record' | undefined;
  /** One list of matchers for each `match[]`: a rule's labels must meet all of one of them. */
  readonly matchers: readonly (readonly LabelMatcher[])[];
  /** No names are no filter. */
  readonly ruleNames: ReadonlySet<string>;
  readonly groupNames: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
  readonly excludeAlerts: boolean;
  /** Most groups of a page; the token says where it begins. */
  readonly groupLimit: number | undefined;
  readonly nextToken: string | undefined;
}

export interface RulesPage {
  readonly groups: readonly Group[];
  readonly groupNextToken?: string;
}

/** `data` of `/alerts`: only those within the scope. */
export async function filterAlerts(
  data: Pick<Rule, 'alerts'>,
  scope: Scope,
  pace = createPace(),
): Promise<{ alerts: readonly Alert[] }> {
  const alerts: Alert[] = [];
  for (const alert of data.alerts ?? []) {
    await pace();
    if (isWithin(alert.labels ?? {}, scope)) alerts.push(alert);
  }
  return { alerts };
}

/**
 * `data` of `/rules`: rules whose own labels, or those of an alert, lie within the scope, with the alerts of the
 * scope alone; of these what the filters ask for. Files are named without the path of the store's host.
 * Throws `InputError` for a token of no group, and `LimitExceeded`.
 */
export async function filterRules(
  data: { readonly groups?: readonly Group[] },
  scope: Scope,
  filters: RuleFilters,
): Promise<RulesPage> {
  const meets = meetsOneOf(filters.matchers);
  const pace = createPace();
  const groups: Group[] = [];
  for (const group of data.groups ?? []) {
    const named = { ...group, ...(group.file !== undefined && { file: basename(group.file) }) };
    if (!isNamed(filters.groupNames, named.name) || !isNamed(filters.files, named.file)) continue;
    const rules: Rule[] = [];
    for (const rule of group.rules ?? []) {
      await pace();
      if (!isAskedFor(rule, filters)) continue;
      const { alerts } = await filterAlerts(rule, scope, pace);
      const own = withinScope(rule, alerts, scope);
      if (own === null || !meets(own)) continue;
      rules.push(filters.excludeAlerts ? { ...own, alerts: undefined } : own);
    }
    if (rules.length > 0) groups.push({ ...named, rules });
  }
  return pageOf(groups, filters);
}

/** A rule with those alerts that lie within the scope; null where neither these nor the rule do. */
function withinScope(rule: Rule, alerts: readonly Alert[], scope: Scope): Rule | null {
  const isOwn = isWithin(rule.labels ?? {}, scope);
  if (!isOwn && alerts.length === 0) return null;
  // The store's words name series, which may be another cluster's, and paths of its host.
  const lastError = rule.lastError ? 'The rule could not be evaluated' : rule.lastError;
  const own = { ...rule, ...(lastError !== undefined && { lastError }) };
  if (rule.alerts === undefined || alerts.length === rule.alerts.length) return own;
  // Its state is of all its alerts.
  const states = new Set(alerts.map(({ state }) => state));
  const state = ['firing', 'pending'].find((name) => states.has(name)) ?? 'inactive';
  return { ...own, state, alerts };
}

function isAskedFor(rule: Rule, { type, ruleNames }: RuleFilters): boolean {
  const isAlert = rule.type === 'alerting';
  if (type !== undefined && isAlert !== (type === 'alert')) return false;
  return isNamed(ruleNames, rule.name);
}

/** What the patterns of a request may cost: a twentieth of a second, or 10,000 labels of a short one. */
const regexBudget = 2_000_000;

/** Whether the labels of a rule meet all of one list of matchers. Throws `LimitExceeded`. */
function meetsOneOf(matchers: RuleFilters['matchers']): (rule: Rule) => boolean {
  if (matchers.length === 0) return () => true;
  const budget = { left: regexBudget };
  const tests = matchers.map((all) =>
    all.map((matcher) => ({ label: matcher.label, meets: matcherTest(matcher, budget) })),
  );
  return ({ labels = {} }) => {
    const isMet = tests.some((all) =>
      all.every(({ label, meets }) => meets(labels[label] ?? '') === true),
    );
    if (budget.left >= 0) return isMet;
    throw new LimitExceeded('The patterns of match[] cost too much for so many rules; use = or !=');
  };
}

const isNamed = (names: ReadonlySet<string>, name: string | undefined): boolean =>
  names.size === 0 || (name !== undefined && names.has(name));

function pageOf(groups: readonly Group[], { groupLimit, nextToken }: RuleFilters): RulesPage {
  if (groupLimit === undefined) return { groups };
  const start =
    nextToken === undefined ? 0 : groups.findIndex((group) => tokenOf(group) === nextToken);
  if (start < 0) throw new InputError('group_next_token', 'is of no group; were groups changed?');
  const next = groups[start + groupLimit];
  const page = groups.slice(start, start + groupLimit);
  return { groups: page, ...(next && { groupNextToken: tokenOf(next) }) };
}

const tokenOf = ({ file = '', name = '' }: Group): string =>
  createHash('sha256').update(`${file};${name}`).digest('hex');
