import { LRUCache } from 'lru-cache';
import { scopeQuery, type Refusal, type Scoped } from '@bud-monitoring/promql';
import { shortKey } from '../short-key.js';
import type { Reach } from './reach.js';

/** A query within its scope, as it is sent. */
export interface ScopedText extends Scoped {
  /** `query=up%7B…`, as a form has it. */
  readonly parameter: string;
  /** The same in the key of a map. */
  readonly key: string;
}

/** Scopes the text of a query. */
export type ScopeText = (
  text: string,
  reach: Pick<Reach, 'scope' | 'scopeKey'>,
) => ScopedText | Refusal;

interface Known {
  readonly outcome: ScopedText | Refusal;
  readonly spellings: Reach['scope']['spellings'];
}

/** UTF-16 units of what is known, so that a claim of a thousand clusters has some hundred queries. */
const maxUnits = 8 * 1024 * 1024;
/** What an entry takes beside its texts. */
const entryUnits = 500;

/** As `scopeQuery`, and knows the texts of late: a dashboard asks the same again and again. */
export function createScopeText(limits: { maxQueryLength: number }): ScopeText {
  const known = new LRUCache<string, Known>({
    maxSize: maxUnits,
    sizeCalculation: ({ outcome }, key) =>
      entryUnits +
      key.length +
      (outcome.ok ? outcome.query.length + 2 * outcome.parameter.length : 0),
  });
  return (text, { scope, scopeKey }) => {
    const key = `${scopeKey} ${text}`;
    const { spellings } = scope;
    const one = known.get(key);
    if (one !== undefined && one.spellings === spellings) return one.outcome;
    const scoped = scopeQuery(text, scope, { maxLength: limits.maxQueryLength });
    const outcome = scoped.ok ? asSent(scoped) : scoped;
    if (text.length <= limits.maxQueryLength) known.set(key, { outcome, spellings });
    return outcome;
  };
}

function asSent(scoped: Scoped): ScopedText {
  const parameter = new URLSearchParams({ query: scoped.query }).toString();
  return { ...scoped, parameter, key: shortKey(parameter) };
}
