import type { LabelMatcher } from './matchers.js';
import { acceptsEmpty, regexTest, type RegexBudget } from './regex/accepts.js';

/** Whether a matcher matches series without the label; undefined where its regular expression cannot be read here. */
export function matchesEmpty({ op, value }: LabelMatcher): boolean | undefined {
  if (op === '=') return value === '';
  if (op === '!=') return value !== '';
  const accepted = acceptsEmpty(value);
  return accepted === undefined ? undefined : accepted === (op === '=~');
}

/** A matcher that is asked of many values; undefined where its regular expression cannot be read, or costs too much. */
export function matcherTest(
  { op, value: wanted }: LabelMatcher,
  budget: RegexBudget,
): (value: string) => boolean | undefined {
  if (op === '=') return (value) => value === wanted;
  if (op === '!=') return (value) => value !== wanted;
  const accepts = regexTest(wanted, budget);
  return (value) => {
    const accepted = accepts(value);
    return accepted === undefined ? undefined : accepted === (op === '=~');
  };
}
