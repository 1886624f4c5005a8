/** The rows of a table of results, told as they come. */
export class Rows {
  readonly #rows: string[] = [];

  add(what: string, figure: string, wanted: string): void {
    this.#rows.push(`| ${what} | ${figure} | ${wanted} |`);
    console.error(`${what}: ${figure} (${wanted})`);
  }

  table(): string[] {
    return ['| what | measured | wanted |', '| --- | --- | --- |', ...this.#rows];
  }
}

/** The middle of some figures. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
