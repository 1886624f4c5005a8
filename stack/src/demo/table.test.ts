import { expect, it } from '@jest/globals';
import { createTerminalStyle } from './terminal-style.js';
import { table } from './table.js';

const columns = [{ title: 'Node' }, { title: 'Pods', right: true }];
const rows = [
  ['prod-worker-1', '7'],
  ['–', '110'],
];

it('lines cells up, numbers at the right, without trailing spaces', () => {
  expect(table(columns, rows, createTerminalStyle(false)).split('\n')).toEqual([
    '  Node            Pods',
    '  ────────────────────',
    '  prod-worker-1      7',
    '  –                110',
  ]);
});

it('lets colours take up no room', () => {
  const red = (text: string) => `\u001B[31m${text}\u001B[39m`;
  const coloured = rows.map(([first = '', ...rest]) => [red(first), ...rest]);

  const [, , row = ''] = table(columns, coloured, createTerminalStyle(false)).split('\n');

  expect(row).toBe(`  ${red('prod-worker-1')}      7`);
});
