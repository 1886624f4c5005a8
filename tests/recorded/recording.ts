import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from '@jest/globals';

const folder = 'tests/fixtures/recorded';

/**
 * Compares with what an earlier version answered or stored. After a change that is meant (and told in
 * CHANGELOG.md) `RECORD=1 npm test -- tests/recorded` records anew; the diff shows what changed.
 */
export async function expectRecorded(file: string, actual: unknown): Promise<void> {
  const path = join(folder, file);
  const text = `${JSON.stringify(actual, null, 1)}\n`;
  if (process.env['RECORD'] === '1') {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  expect(text.split('\n')).toEqual((await readFile(path, 'utf8')).split('\n'));
}

/** Metric families as they are exposed: names, types and help texts, without samples and Node's own. */
export function familiesOf(exposition: string): string[] {
  return exposition
    .split('\n')
    .filter((line) => /^# (HELP|TYPE) (?!nodejs_|process_)/.test(line))
    .sort();
}
