import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startLabelProxy, type LabelProxy } from '@bud-monitoring/stack';
import fc from 'fast-check';
import type { TestService } from '../metrics/support/service.js';
import { same, type Answer } from '../property/answers.js';
import { expressions } from '../property/expressions.js';
import { hostileTexts } from '../property/hostile.js';
import { write } from '../property/text.js';
import { apiOf, call, type Pairs, type Said } from './support/call.js';
import { startNow } from './support/service.js';
import { cluster, end, start, startFleetStore, type FleetStore } from './support/store.js';

const runs = Number(process.env['PROPERTY_RUNS'] ?? 300) * 2;
const batch = 10;

let store: FleetStore;
let labelProxy: LabelProxy;
let service: TestService;
beforeAll(async () => {
  store = await startFleetStore('3');
  labelProxy = await startLabelProxy({
    upstream: store.url,
    cluster,
    env: process.env,
    flags: [
      '-enable-promql-experimental-functions',
      '-enable-promql-binop-fill-modifiers',
      '-enable-promql-duration-expression-parsing',
      '-enable-promql-extended-range-selectors',
    ],
  });
  service = await startNow(store.url);
}, 300_000);
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await labelProxy.stop();
  await store[Symbol.asyncDispose]();
});

const instant: Pairs = [['time', String(end - 885)]];
const range: Pairs = [
  ['start', String(start + 1200)],
  ['end', String(start + 2400)],
  ['step', '300'],
];

const generated = fc.oneof(
  ...expressions('3.16').map(({ texts }) => texts.map((text) => write(text))),
  hostileTexts,
);

describe('beside prom-label-proxy', () => {
  it(
    'what both answer is the same',
    async () => {
      const outcomes = { both: 0, ours: 0, theirs: 0, neither: 0 };
      const compare = async (query: string, isRange: boolean) => {
        const [path, times] = isRange ? ['/query_range', range] : ['/query', instant];
        const own: Pairs = [['query', query], ...times];
        const [we, they] = await Promise.all(
          [apiOf(service.url), labelProxy.url].map((url) =>
            call(url, path, own, { method: 'POST' }),
          ),
        );
        const [weDo, theyDo] = [we?.status === 200, they?.status === 200];
        outcomes[weDo ? (theyDo ? 'both' : 'ours') : theyDo ? 'theirs' : 'neither'] += 1;
        if (!weDo || !theyDo) return;
        // `absent` names the labels of its matchers by their order, which prom-label-proxy changes.
        const open = /\babsent/i.test(query) ? ['namespace', 'instance', 'job', 'mode'] : [];
        const agrees = same(answerOf(we!), answerOf(they!), open);
        expect({ query, agrees }).toEqual({ query, agrees: true });
      };
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(generated, fc.boolean()), { minLength: batch, maxLength: batch }),
          async (list) => {
            await Promise.all(list.map(([query, isRange]) => compare(query, isRange)));
          },
        ),
        { numRuns: runs / batch, seed: 3 },
      );
      process.stdout.write(`beside prom-label-proxy: ${JSON.stringify(outcomes)}\n`);
      expect(outcomes.both).toBeGreaterThan(runs / 3);
    },
    60_000 + runs * 100,
  );
});

function answerOf({ body }: Said): Answer {
  const { resultType: type, result } = body.data as { resultType: string; result: unknown };
  return { type, result };
}
