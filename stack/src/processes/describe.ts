import type { ProcessEnd } from './process.js';

/** How a process ended, as one message: `redis ended (exit code 1); its last lines: ...`. */
export function describeEnd({ name, code, signal, lastLines }: ProcessEnd): string {
  const how = signal ?? `exit code ${String(code)}`;
  const lines = lastLines.trim();
  return `${name} ended (${how})${lines === '' ? '' : `; its last lines:\n${lines}`}`;
}
