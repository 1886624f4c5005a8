import type { Readable } from 'node:stream';

const LINES_KEPT = 2000;
const LONGEST_LINE = 4000;

/** The last lines that a process wrote, and a way to wait for one. */
export interface LogTail {
  read(stream: Readable): void;
  lines(): readonly string[];
  onLine(listener: (line: string) => void): () => void;
}

/** Keeps at most 2000 lines of at most 4000 characters. */
export function createLogTail(): LogTail {
  const kept: string[] = [];
  const listeners = new Set<(line: string) => void>();

  function add(line: string): void {
    kept.push(line.slice(0, LONGEST_LINE));
    if (kept.length > LINES_KEPT) kept.shift();
    for (const listener of listeners) listener(line);
  }

  return {
    read(stream) {
      let rest = '';
      stream.setEncoding('utf8');
      stream.on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = (lines.pop() ?? '').slice(-LONGEST_LINE);
        lines.forEach(add);
      });
      stream.on('end', () => {
        if (rest !== '') add(rest);
      });
    },
    lines: () => kept,
    onLine(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
