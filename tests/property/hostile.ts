import fc from 'fast-check';

import { expressions } from './expressions.js';
import { write } from './text.js';

/** What an attacker, or a careless hand, puts into a query. */
const tokens = [
  ...[
    '\r',
    '#',
    '# \r',
    '# x\n',
    '\n',
    '\t',
    '\u000b',
    '\u0000',
    '\u00a0',
    '\u0085',
    '\u2028',
    '\ufeff',
  ],
  ...['"', "'", '`', '\\', '\\"', '\\x22', '"\\x41"', '"\\', '\ud800', 'é', '"é"', '$'],
  ...['{', '}', '{}', '(', ')', '[', ']', ',', ':', ';', '{{', '}}', '{__name__=~".+"}', '{"a.b"}'],
  ...['up', 'up{}', ' up ', 'or up', ' or ', ' and ', ' unless ', ' by ', 'by (x)', ' on ', 'bool'],
  ...[
    'bool.5',
    'or.5',
    '.5',
    '5.',
    '5m',
    '[5m]',
    '[5m:]',
    '0x1F',
    '1_0',
    'inf',
    'nan',
    '1e',
    '@',
    '-',
  ],
  ...[' offset ', 'offset', 'start()', 'end', 'fill(', 'fill', 'sum', 'topk', 'step()', 'min_of('],
  ...[
    'info(',
    'rate(',
    'absent(',
    'holt_winters(',
    'max_of(1,2)',
    'label_replace(',
    'anchored',
    'smoothed',
  ],
  ...[
    'cluster',
    '"cluster"',
    'cluster=',
    'cluster="other"',
    'cluster=~".*"',
    '=',
    '=~',
    '!=',
    '!~',
    '==',
  ],
  ...[
    '"\\u0063luster"="other"',
    '`cluster`=`other`',
    'group_left',
    'group_left.5',
    '</',
    '>/',
    '^',
    '%',
  ],
];

/** Short, so that a token more or less often leaves a query that the store takes. */
const queries = [
  ...[
    'up',
    'up or down',
    '1',
    '-a',
    '{"a.b"}',
    'a[5m]',
    'a @ 1',
    '"x"',
    'a + on(b) c',
    'vector(1) == bool 2',
  ],
  ...[
    'sum by (a) (b)',
    'rate(a{b="c"}[5m:1m] offset 1m)',
    'a # b\n * c',
    'topk(1, a) and b',
    'a + fill(1) b',
  ],
  ...[
    'label_replace(a, "b", "c", "d", "e")',
    'a * ignoring(b) group_left(c) d',
    'sum(a) without (b,)',
  ],
  ...[
    '{__name__=~"a|b", c!="d"}',
    "a{b='c',}",
    'a{b=`c`} unless d',
    'a[max_of(1m,2m)]',
    'fill + step',
  ],
];

const word = /\s+|\w+|"[^"]*"|./gs;

/** A right query with a few words of it left out, or hostile ones put in. */
export const hostileTexts: fc.Arbitrary<string> = fc
  .tuple(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...queries) },
      {
        weight: 1,
        arbitrary: expressions('3.16')[1]?.texts.map((text) => write(text)) ?? fc.constant(''),
      },
    ),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(...tokens), fc.constantFrom(0, 0, 1)), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map(([query, changes]) => {
    const words = query.match(word) ?? [];
    for (const [where, token, removed] of changes) {
      words.splice(where % (words.length + 1), removed, token);
    }
    return words.join('');
  });
