import type { LabelMatcher } from '@bud-monitoring/promql';
import type { Labels } from '../../ports.js';
import { createLabelsKey } from '../promql/labels.js';

/**
 * Series that are scraped together, target by target: all series of a target have the same sample times, so
 * that one of them (the reference) tells those of the others.
 */
export interface TargetGroup {
  /** The same for groups whose targets are the same. */
  readonly id: string;
  /** Metric of the reference, and which of its series. */
  readonly metric: string;
  readonly matchers: readonly LabelMatcher[];
  /** References of targets that lack that one, since another job scrapes it: the first that such a target has. */
  readonly substitutes?: readonly Pick<TargetGroup, 'metric' | 'matchers'>[];
  /** Labels that tell targets apart: these alone, or all but these. */
  readonly labels: { readonly by: readonly string[] } | { readonly without: readonly string[] };
  /**
   * Labels that tell what targets speak of, the instance unless given: of several targets of one thing the best
   * sampled counts.
   */
  readonly things?: readonly string[];
  /** Groups of one family are the same exporters', by other metrics: of equal targets one is read for all. */
  readonly family?: string;
  /** Whether there are too many references to read their samples one by one. */
  readonly many?: boolean;
}

/** The grouping of an aggregation that leaves one series a target: `without (cpu, mode)`. */
export function grouping({ labels }: TargetGroup): string {
  return 'by' in labels ? `by (${labels.by.join(', ')})` : `without (${labels.without.join(', ')})`;
}

/** Identifies the target of a series. */
export type TargetKey = (metric: Labels) => string;

const added = new Set(['__name__', 'figure']);

/** How targets of the group are identified. */
export function targetKeyOf({ labels }: TargetGroup): TargetKey {
  if ('by' in labels) {
    const own = new Set(labels.by);
    return createLabelsKey((label) => own.has(label));
  }
  const others = new Set(labels.without);
  return createLabelsKey((label) => !others.has(label) && !added.has(label));
}
