import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The rows of a table of results, told as they come. */
export class Rows {
  readonly #rows: string[] = [];

  add(what: string, figure: string, wanted: string): void {
    this.#rows.push(`| ${what} | ${figure} | ${wanted} |`);
    console.error(`${what}: ${figure} (${wanted})`);
  }

  /** The document: a heading, what it was measured on, and the rows. */
  document(heading: string, about: readonly string[]): string {
    const table = ['| what | measured | wanted |', '| --- | --- | --- |', ...this.#rows];
    return [`# ${heading}`, '', ...about, '', ...table, ''].join('\n');
  }
}

/** Keeps a document as `bench/results/<name>.md`. */
export async function keepResults(name: string, document: string): Promise<void> {
  const results = fileURLToPath(new URL('../results', import.meta.url));
  await mkdir(results, { recursive: true });
  await writeFile(join(results, `${name}.md`), document);
}

/** The middle of some figures. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
