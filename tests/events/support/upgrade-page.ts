import { readFileSync } from 'node:fs';

/** The rows of a table of docs/upgrade.md, without its head: what the original had, what is here. */
export function rowsOf(heading: string): [original: string, here: string][] {
  const text = readFileSync('docs/upgrade.md', 'utf8');
  const [, section = ''] = text.split(`## ${heading}\n`);
  return (section.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
    .map((line) => {
      const [, original = '', here = ''] = line.split(/ *\| |^\| | *\|$/);
      return [original, here];
    });
}
