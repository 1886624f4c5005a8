/** One line of the table that a bench writes. */
export interface Row {
  readonly what: string;
  readonly figure: string;
  readonly wanted: string;
}

export function markdownTable(rows: readonly Row[]): string[] {
  return [
    '| what | measured | wanted |',
    '| --- | --- | --- |',
    ...rows.map(({ what, figure, wanted }) => `| ${what} | ${figure} | ${wanted} |`),
  ];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

export const ms = (value: number) => `${value.toFixed(0)} ms`;
export const times = (value: number) => `${value.toFixed(2)} ×`;
