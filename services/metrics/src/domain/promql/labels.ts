import type { Labels } from '../../ports.js';

/** A key for label sets, of the labels that count; made once for each set that is held somewhere. */
export function createLabelsKey(counts: (label: string) => boolean = () => true) {
  const keys = new WeakMap<Labels, string>();
  return function labelsKey(labels: Labels): string {
    const known = keys.get(labels);
    if (known !== undefined) return known;
    let key = '';
    // By lengths, so that no value can look like another label.
    for (const label of sortedNames(labels)) {
      if (!counts(label)) continue;
      const value = labels[label] ?? '';
      key += `${label.length} ${value.length} ${label}${value}`;
    }
    keys.set(labels, key);
    return key;
  };
}

/** Stores write labels by their names, most of them, so that there is seldom anything to sort. */
function sortedNames(labels: Labels): string[] {
  const names = Object.keys(labels);
  const isSorted = names.every((name, at) => at === 0 || (names[at - 1] ?? '') < name);
  return isSorted ? names : names.sort();
}
