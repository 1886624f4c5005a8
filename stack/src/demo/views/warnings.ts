import type { Warning } from '@bud-monitoring/contracts';
import type { TerminalStyle } from '../terminal-style.js';

/** What the answers warn of: why a figure is missing or partial. */
export function warningLines(
  told: readonly { name: string; warnings: readonly Warning[] }[],
  style: TerminalStyle,
): string {
  const lines = told.flatMap(({ name, warnings }) =>
    [...new Set(warnings.map(({ message }) => message))].map((message) => `${name}: ${message}`),
  );
  return lines.map((line) => `  ${style.warning('!')} ${style.dim(line)}`).join('\n');
}
