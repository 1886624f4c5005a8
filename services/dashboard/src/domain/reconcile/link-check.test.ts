import { expect, it } from '@jest/globals';
import { clusterIdSchema, type ClusterId } from '@bud-monitoring/contracts';
import { mainUidOf } from '../templates/render.js';
import type { Grafana } from '../../ports.js';
import type { ClusterRecord } from '../state/record.js';
import { createLinkCheck } from './link-check.js';

const record = (id: string) =>
  ({ id, observed: { share: { accessToken: 'abc' } } }) as unknown as ClusterRecord;

function setUp() {
  let now = 0;
  let asked = 0;
  const uids: string[] = [];
  let answer: () => Promise<object | null> = () => Promise.reject(new Error('away'));
  const grafana = {
    getPublicDashboard(uid: string) {
      asked += 1;
      uids.push(uid);
      return answer();
    },
  } as unknown as Grafana;
  const check = createLinkCheck({
    grafana,
    credentialsPause: { check: () => Promise.resolve() } as never,
    clock: { now: () => now },
  });
  return {
    check,
    asked: () => asked,
    uids,
    advance: (ms: number) => (now += ms),
    say: (text: object | null) => (answer = () => Promise.resolve(text)),
  };
}

it('asks a Grafana that does not answer once in ten seconds, for whichever cluster', async () => {
  const { check, asked, advance, say } = setUp();
  for (const id of ['a', 'b', 'a']) expect(await check(record(id))).toBe(true);
  expect(asked()).toBe(1);
  say({ accessToken: 'another', isEnabled: true });
  expect(await check(record('a'))).toBe(true);
  advance(10_000);
  expect(await check(record('a'))).toBe(false);
});

it('asks of a link that opens once a minute', async () => {
  const { check, asked, advance, say } = setUp();
  say({ accessToken: 'abc', isEnabled: true });
  for (const wait of [0, 59_999, 1]) {
    advance(wait);
    expect(await check(record('a'))).toBe(true);
  }
  expect(asked()).toBe(2);
});

it('asks for the link of the dashboard of a cluster, whatever its id is', async () => {
  const { check, say, uids } = setUp();
  say({ accessToken: 'abc', isEnabled: true });
  const id = clusterIdSchema.parse('30000000-0000-4000-8000-000000000001');
  const named = 'prod-eu' as ClusterId;
  for (const one of [id, named]) await check(record(one));
  expect(uids).toEqual([id, mainUidOf(named)]);
  expect(mainUidOf(named)).not.toBe(named);
});
