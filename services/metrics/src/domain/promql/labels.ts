import type { Labels } from '../../ports.js';

/** A key for label sets, of the labels that count; made once for each set that is held somewhere. */
export function createLabelsKey(counts: (label: string) => boolean = () => true) {
  const keys = new WeakMap<Labels, string>();
  return function labelsKey(labels: Labels): string {
    const known = keys.get(labels);
    if (known !== undefined) return known;
    const entries = Object.entries(labels).filter(([label]) => counts(label));
    const key = JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
    keys.set(labels, key);
    return key;
  };
}
