import type { Labels } from '../../ports.js';

/** A key for label sets, of the labels that count; made once for each set that is held somewhere, one text for equals. */
export function createLabelsKey(counts: (label: string) => boolean = () => true) {
  const keys = new WeakMap<Labels, string>();
  const texts = new Map<string, string>();
  return function labelsKey(labels: Labels): string {
    const known = keys.get(labels);
    if (known !== undefined) return known;
    // By lengths, so that no value can look like another label. Joined: a text that is added to keeps its parts.
    const parts = sortedNames(labels)
      .filter(counts)
      .map((label) => {
        const value = labels[label] ?? '';
        return `${label.length} ${value.length} ${label}${value}`;
      });
    const text = parts.join('');
    const key = texts.get(text) ?? text;
    texts.set(text, key);
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
