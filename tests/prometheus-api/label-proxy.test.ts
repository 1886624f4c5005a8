import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startLabelProxy, type LabelProxy } from '@bud-monitoring/stack';
import fc from 'fast-check';
import type { TestService } from '../metrics/support/service.js';
import { same, type Answer } from '../property/answers.js';
import { expressions } from '../property/expressions.js';
import { hostileTexts } from '../property/hostile.js';
import { write } from '../property/text.js';
import { apiOf, call, type Pairs, type Said } from './support/call.js';
import {
  labelProxyFlags,
  onlyTheyAnswer,
  onlyWeAnswer,
  promqlFeatures,
  selectsInAggregationParameter,
} from './support/label-proxy.js';
import { startNow } from './support/service.js';
import { cluster, end, start, startFleetStore, type FleetStore } from './support/store.js';

const runs = Number(process.env['PROPERTY_RUNS'] ?? 300) * 2;
const seed = Number(process.env['PROPERTY_SEED'] ?? 3);
const batch = 10;

let store: FleetStore;
let labelProxy: LabelProxy;
let service: TestService;
beforeAll(async () => {
  store = await startFleetStore('3', promqlFeatures);
  labelProxy = await startLabelProxy({
    upstream: store.url,
    cluster,
    env: process.env,
    flags: labelProxyFlags,
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

/** The same request to both. */
async function callBoth(query: string, isRange: boolean): Promise<{ ours: Said; theirs: Said }> {
  const [path, times] = isRange ? ['/query_range', range] : ['/query', instant];
  const parameters: Pairs = [['query', query], ...times];
  const [ours, theirs] = await Promise.all([
    call(apiOf(service.url), path, parameters, { method: 'POST' }),
    call(labelProxy.url, path, parameters, { method: 'POST' }),
  ]);
  return { ours, theirs };
}

const outcomes = { both: 0, ours: 0, theirs: 0, neither: 0, notScopedByThem: 0 };

/** Why the two do not agree on a query, though no known difference explains it; undefined if they do. */
async function disagreement(query: string, isRange: boolean): Promise<string | undefined> {
  const { ours, theirs } = await callBoth(query, isRange);
  const [weAnswer, theyAnswer] = [ours.status === 200, theirs.status === 200];
  if (!weAnswer && !theyAnswer) {
    outcomes.neither += 1;
    return undefined;
  }
  if (selectsInAggregationParameter(query)) {
    outcomes.notScopedByThem += 1;
    return undefined;
  }
  if (!theyAnswer) {
    outcomes.ours += 1;
    const isKnown = onlyWeAnswer.some((difference) => difference(query));
    return isKnown ? undefined : `only we answer: ${theirs.body.error ?? ''}`;
  }
  if (!weAnswer) {
    outcomes.theirs += 1;
    const isKnown = onlyTheyAnswer.some((difference) => difference(query));
    return isKnown ? undefined : `only they answer: ${ours.body.error ?? ''}`;
  }
  outcomes.both += 1;
  // `absent` takes its labels from the matchers of its selector, by their order and number. prom-label-proxy
  // changes the order, and replaces a matcher on `cluster` beside which ours is added.
  const isAbsent = /\babsent/i.test(query);
  const without = isAbsent ? ['cluster', 'namespace', 'instance', 'job', 'mode'] : [];
  return same(answerOf(ours), answerOf(theirs), without) ? undefined : 'the answers differ';
}

describe('beside prom-label-proxy', () => {
  it(
    'every query is answered alike, or a known difference explains it',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(generated, fc.boolean()), { minLength: batch, maxLength: batch }),
          async (list) => {
            const judged = await Promise.all(
              list.map(async ([query, isRange]) => ({
                query,
                disagreement: await disagreement(query, isRange),
              })),
            );
            expect(judged.filter((one) => one.disagreement !== undefined)).toEqual([]);
          },
        ),
        { numRuns: runs / batch, seed },
      );
      process.stdout.write(`beside prom-label-proxy: ${JSON.stringify(outcomes)}\n`);
      expect(outcomes.both).toBeGreaterThan(runs / 2);
    },
    60_000 + runs * 100,
  );

  it('the parameter of an aggregation is scoped by us alone', async () => {
    // The series are another cluster's: within ours there is no number to take.
    const { ours, theirs } = await callBoth('topk(scalar(count(only_elsewhere)), up)', false);
    expect([ours.status, theirs.status]).toEqual([422, 200]);
  });

  it('a matcher that asks for another cluster is refused by both', async () => {
    const { ours, theirs } = await callBoth('up{cluster="another"}', false);
    expect([ours.status, theirs.status]).toEqual([422, 400]);
  });
});

function answerOf({ body }: Said): Answer {
  const { resultType: type, result } = body.data as { resultType: string; result: unknown };
  return { type, result };
}
