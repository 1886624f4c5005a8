import type { LabelMatcher } from './matchers.js';
import { analyzeRegex } from './regex/analyze.js';

/** Whether a matcher matches a value; undefined where its regular expression cannot be read here. */
export function matches({ op, value: wanted }: LabelMatcher, value: string): boolean | undefined {
  if (op === '=') return value === wanted;
  if (op === '!=') return value !== wanted;
  const analysis = analyzeRegex(wanted, value);
  if (analysis === 'unreadable') return undefined;
  return (analysis !== 'differs') === (op === '=~');
}
