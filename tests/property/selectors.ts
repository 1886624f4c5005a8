import fc from 'fast-check';

import { cluster } from './fleet.js';
import type { Selector, Texts } from './text.js';

/** Names that stand for series with the labels instance, job, namespace (and mode). */
export type MetricKind = 'gauge' | 'counter' | 'buckets' | 'native' | 'info' | 'any';

const names: Record<MetricKind, readonly string[]> = {
  gauge: ['temp', 'load'],
  counter: ['reqs_total'],
  buckets: ['lat_bucket'],
  native: ['nlat'],
  info: ['build_info'],
  any: ['temp', 'load', 'reqs_total', 'up', 'nlat', 'fleet_size', 'only_elsewhere'],
};

const matchers = [
  'instance="i1"',
  "instance!='i2'",
  'instance=~"i[12]"',
  'instance=~`i1|i3`',
  'instance!~"i3|i4"',
  'job="node"',
  'job!=""',
  'namespace=~"a|c"',
  'namespace="b"',
  'nothing=""',
  '"instance"="i1"',
  "'job'=~'n.*'",
  'instance="\\x691"',
  'instance != "\\u0069\\062"',
  'cluster!=""',
  'cluster=~".+"',
  'cluster!~"5d3f.*|other"',
  'cluster=~"0b7e8f1a-.*"',
  `"cluster"=~"${cluster}"`,
  'mode="user"',
  'mode!="system"',
];

const space = fc.constantFrom('', '', '', ' ', '\n', ' # up{\n', '\t');

/** A selector in any of its spellings. `utf8`: quoted metric names, which 3.x takes. */
export function selector(kind: MetricKind, options: { utf8: boolean }): Texts {
  const { utf8 } = options;
  const inside = fc.subarray(matchers, { maxLength: 2 });
  const name = fc.constantFrom(...names[kind]);
  const plain = name.map((bare): Selector => ({
    name: bare,
    before: '',
    after: '',
    kinds: ['bare'],
  }));
  const braces = fc
    .tuple(name, inside, space, space, fc.boolean())
    .map(([bare, list, gap, tail, comma]): Selector => ({
      name: bare,
      gap,
      before: list.join(', '),
      after: (comma && list.length > 0 ? ',' : '') + tail,
      kinds: [list.length > 0 ? 'with matchers' : 'empty braces'],
    }));
  const named = fc
    .tuple(name, inside, space, fc.constantFrom('"', "'", '`'))
    .map(([bare, list, tail, quote]): Selector => ({
      name: '',
      gap: '',
      before: [`__name__=${quote}${bare}${quote}`, ...list].join(','),
      after: tail,
      kinds: ['with matchers'],
    }));
  const quotedNames = kind === 'gauge' ? [...names.gauge, 'http.req.dur'] : names[kind];
  const quoted = fc
    .tuple(fc.constantFrom(...quotedNames), inside, fc.boolean(), space)
    .map(([bare, list, first, tail]): Selector => ({
      name: '',
      gap: '',
      before: (first ? [`"${bare}"`, ...list] : [...list, `'${bare}'`]).join(','),
      after: tail,
      kinds: ['quoted name'],
    }));
  const choices = [plain, plain, braces, braces, named, ...(utf8 ? [quoted] : [])];
  return fc.oneof(...choices).map((one) => [one]);
}
