import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Json, JsonObject } from '../json.js';
import { exceededLimit } from './limits.js';
import { makeTemplate } from '../template.js';

const ours = ['cluster', 'nodes', 'gpu', 'inference', 'power', 'product/bud-monitoring'];

/** `{a: {a: …}}`, so many levels deep. */
function deep(levels: number): JsonObject {
  let node: JsonObject = {};
  for (let level = 0; level < levels; level += 1) node = { a: node };
  return node;
}

const withPanels = (panels: Json[]): JsonObject => ({ title: 'x', panels });
const querying = (expr: string): JsonObject => ({ targets: [{ expr }] });

describe('the size of a template', () => {
  it.each(ours)('leaves room around ours: %s', (name) => {
    const template = JSON.parse(readFileSync(`templates/${name}.json`, 'utf8')) as JsonObject;
    expect(exceededLimit(template)).toBeNull();
    expect(exceededLimit(withPanels([template, template] as Json[]))).toBeNull();
  });

  it.each<[string, JsonObject, string]>([
    ['deep', deep(5000), 'nested deeper'],
    ['wide', { a: Array.from({ length: 30_000 }, () => 1) }, 'more than 20000 values'],
    ['many panels', withPanels(Array.from({ length: 6000 }, () => ({}))), 'more than 200 panels'],
    [
      'a long query',
      withPanels([querying(Array.from({ length: 6100 }, () => 'up{a="b"}').join('+'))]),
      'queries of more than',
    ],
    [
      'many queries',
      withPanels(Array.from({ length: 150 }, () => querying('u'.repeat(500)))),
      'queries of more than',
    ],
  ])('is limited, and said at once: %s', (_name, template, reason) => {
    const { report } = makeTemplate('candidate', template);
    expect(report.valid).toBe(false);
    expect(report.problems).toHaveLength(1);
    expect(report.problems[0]?.message).toContain(reason);
  });

  it('limits what is said of it, errors first', () => {
    const panels = Array.from({ length: 199 }, () => ({ type: 'x', targets: [{ expr: 'up' }] }));
    const { problems } = makeTemplate('candidate', withPanels(panels)).report;
    expect(problems).toHaveLength(101);
    expect(problems.slice(0, 100).every(({ severity }) => severity === 'error')).toBe(true);
    expect(problems.at(-1)?.message).toMatch(/^\d+ more problems are not listed$/);
  });
});
