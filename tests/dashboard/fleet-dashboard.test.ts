import { afterEach, describe, expect, it } from '@jest/globals';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import { readFleetDashboard } from '../../services/dashboard/src/adapters/templates.js';
import { listen, type Listening } from '../../stack/src/fakes/listen.js';
import { smallTemplates } from './support/small-templates.js';
import { startTestEnv, type TestEnv } from './support/test-env.js';

const own = await readFleetDashboard('templates');
const { plain, recorded } = own;
const { uid } = plain.dashboard;
const minute = 60_000;

let store: Listening | undefined;
afterEach(() => store?.close());

/** A store that answers as `says`: whether it has the series of the rules, or nothing at all. */
async function startStore(says: () => boolean | 'away'): Promise<string> {
  store = await listen((request, response) => {
    request.resume().once('end', () => {
      const answer = says();
      const sample = { metric: {}, value: [0, '1'] };
      const result = answer === true ? [sample] : [];
      response.writeHead(answer === 'away' ? 503 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
    });
  });
  return store.url;
}

const panelsOf = (env: TestEnv) =>
  env.grafana.dashboards().find((one) => one.uid === uid)?.data['panels'];

describe('the overview of the fleet', () => {
  it('asks for what is recorded once the store has it, and is never public', async () => {
    let says: boolean | 'away' = false;
    const datasourceUrl = await startStore(() => says);
    await using env = await startTestEnv({ templates: smallTemplates() });
    env.instance({ own: [own], datasourceUrl }).resyncLoop.start();
    await env.advance(minute);
    expect(panelsOf(env)).toEqual(plain.dashboard['panels']);

    says = true;
    await env.advance(30 * minute);
    expect(panelsOf(env)).toEqual(recorded?.dashboard.dashboard['panels']);
    expect(env.grafana.publicDashboards()).toEqual([]);

    says = false;
    await env.advance(30 * minute);
    expect(panelsOf(env)).toEqual(plain.dashboard['panels']);

    says = true;
    await env.advance(30 * minute);
    // A store that does not answer changes nothing.
    says = 'away';
    await env.advance(30 * minute);
    expect(panelsOf(env)).toEqual(recorded?.dashboard.dashboard['panels']);
  });

  it('is told what each cluster is called, and since when', async () => {
    const id = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
    const told: unknown[] = [];
    await using env = await startTestEnv({ templates: smallTemplates() });
    const clusterName = (of: string, name: unknown) => void told.push(of === id ? name : of);
    const service = env.instance({ meter: { clusterName } });
    const now = env.time.now();
    await service.deliver('created', { id });
    await env.advance(1_000);
    expect(told.at(-1)).toBeNull();
    await service.deliver('updated', { id, name: 'east' });
    await env.advance(1_000);
    expect(told.at(-1)).toEqual({ value: 'east', time: now + 1_000 });
    await service.deliver('deleted', { id });
    await env.advance(1_000);
    expect(told.at(-1)).toBeNull();
  });
});
