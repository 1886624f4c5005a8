import { parseMatchers } from '@bud-monitoring/promql';
import { InputError } from '../../input-error.js';
import { Refused } from './refused.js';
import type { RuleFilters } from './rule-filters.js';
import { selectorsOf, type Limits } from '../request/limits.js';
import type { Parameters } from '../request/parameters.js';

/** The filters of `/rules` as Prometheus reads them. Throws `InputError` or `Refused`. */
export function ruleFilters(parameters: Parameters, { maxQueryLength }: Limits): RuleFilters {
  const groupLimit = groupLimitOf(parameters.one('group_limit'));
  const nextToken = parameters.one('group_next_token');
  if (nextToken !== undefined && groupLimit === undefined) {
    throw new InputError('group_next_token', 'is taken only with group_limit');
  }
  return {
    type: typeOf(parameters.one('type')),
    matchers: selectorsOf(parameters).map((match) => {
      const parsed = parseMatchers(match, maxQueryLength);
      if (!parsed.ok) throw new Refused('match[]', match, parsed);
      return parsed.matchers;
    }),
    ruleNames: new Set(parameters.all('rule_name[]')),
    groupNames: new Set(parameters.all('rule_group[]')),
    files: new Set(parameters.all('file[]')),
    excludeAlerts: isTrue('exclude_alerts', parameters.one('exclude_alerts')),
    groupLimit,
    nextToken,
  };
}

function typeOf(text: string | undefined): RuleFilters['type'] {
  const type = text?.toLowerCase();
  if (type === undefined || type === 'alert' || type === 'record') return type;
  throw new InputError('type', 'must be alert or record');
}

function groupLimitOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const limit = /^\+?\d{1,10}$/.test(text) ? Number(text) : 0;
  if (limit > 0 && limit < 2 ** 31) return limit;
  throw new InputError('group_limit', 'must be a whole number greater than 0');
}

/** As Go's `strconv.ParseBool`, in any case of letters. */
function isTrue(name: string, text: string | undefined): boolean {
  const word = text?.toLowerCase();
  if (word === undefined || ['0', 'f', 'false'].includes(word)) return false;
  if (['1', 't', 'true'].includes(word)) return true;
  throw new InputError(name, 'must be true or false');
}
