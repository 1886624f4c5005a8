import type { Warning } from '@bud-monitoring/contracts';
import type { Ink } from '../ink.js';

/** What the answers warn of: why a figure is missing or partial. */
export function warningLines(
  told: readonly { name: string; warnings: readonly Warning[] }[],
  ink: Ink,
): string {
  const lines = told.flatMap(({ name, warnings }) =>
    [...new Set(warnings.map(({ message }) => message))].map((message) => `${name}: ${message}`),
  );
  return lines.map((line) => `  ${ink.doubtful('!')} ${ink.quiet(line)}`).join('\n');
}
