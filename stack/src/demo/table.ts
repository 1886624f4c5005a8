import { displayWidth, type TerminalStyle } from './terminal-style.js';

/** A column: its title, and whether what stands in it is lined up at its right end, as numbers are. */
export interface Column {
  title: string;
  right?: boolean;
}

/** A table with as wide columns as their cells need; cells may carry colours. */
export function table(
  columns: readonly Column[],
  rows: readonly string[][],
  style: TerminalStyle,
): string {
  const widths = columns.map(({ title }, index) =>
    Math.max(displayWidth(title), ...rows.map((row) => displayWidth(row[index] ?? ''))),
  );
  const line = (cells: readonly string[]) =>
    columns
      .map(({ right }, index) => {
        const cell = cells[index] ?? '';
        const space = ' '.repeat((widths[index] ?? 0) - displayWidth(cell));
        return right ? space + cell : cell + space;
      })
      .join('   ')
      .trimEnd();
  return [
    style.dim(line(columns.map(({ title }) => title))),
    style.dim(widths.map((width) => '─'.repeat(width)).join('───')),
    ...rows.map(line),
  ]
    .map((text) => `  ${text}`)
    .join('\n');
}
