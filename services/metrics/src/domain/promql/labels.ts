import type { Labels } from '../../ports.js';

/** Tells label sets apart by a text, which is made once for each that is held somewhere. */
export function createTextOf(counts: (label: string) => boolean = () => true) {
  const texts = new WeakMap<Labels, string>();
  return function textOf(labels: Labels): string {
    const known = texts.get(labels);
    if (known !== undefined) return known;
    const entries = Object.entries(labels).filter(([label]) => counts(label));
    const text = JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
    texts.set(labels, text);
    return text;
  };
}
