/** Longest expression that every store accepts, in characters: VictoriaMetrics takes 16 kB. */
export const maxExpressionLength = 16_384;

/** How often an expression repeats a list of names, and the characters of everything else in it. */
export interface ListedNames {
  readonly occurrences: number;
  readonly rest: number;
}

/** Most characters that a list of names may have so that its expression stays below the limit. */
export function maxNamesLength({ occurrences, rest }: ListedNames): number {
  return Math.floor((maxExpressionLength - rest) / occurrences);
}
