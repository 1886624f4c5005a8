import { describe, expect, it } from '@jest/globals';
import express from 'express';
import { listen } from '../../stack/src/fakes/listen.js';
import { startFakeGrafana } from '../../stack/src/fakes/fake-grafana/server.js';
import { externalGrafana } from '../support/external-grafana.js';
import { createReplay, loadExchanges, type Exchange } from './replay.js';

const LEFT_OUT: { exchanges: number[]; reason: string }[] = [
  { exchanges: [17, 18], reason: 'sessions: the product signs in with every request' },
  {
    exchanges: [67, 68, 69, 70, 71],
    reason: 'the proxy of data sources, which does not work for every uid: nobody asks by it',
  },
  { exchanges: [253, 254], reason: 'API keys: gone in later versions, never used' },
];

const share = /^\/api\/dashboards\/uid\/[^/]+\/public-dashboards$/;
const PRODUCT_ROUTES: [method: string, path: RegExp][] = [
  ['GET', /^\/api\/health$/],
  ['GET', /^\/api\/dashboards\/uid\/[^/]+$/],
  ['POST', /^\/api\/dashboards\/db$/],
  ['DELETE', /^\/api\/dashboards\/uid\/[^/]+$/],
  ['GET', share],
  ['POST', share],
  ['PUT', /^\/api\/dashboards\/uid\/[^/]+\/public-dashboards\/[^/]+$/],
  ['DELETE', /^\/api\/dashboards\/uid\/[^/]+\/public-dashboards\/[^/]+$/],
  ['GET', /^\/api\/dashboards\/public-dashboards$/],
  ['GET', /^\/api\/folders$/],
  ['GET', /^\/api\/folders\/[^/]+$/],
  ['POST', /^\/api\/folders$/],
  ['GET', /^\/api\/search\?/],
  ['GET', /^\/api\/datasources\/uid\/[^/]+$/],
  ['POST', /^\/api\/datasources$/],
  ['PUT', /^\/api\/datasources\/uid\/[^/]+$/],
  ['POST', /^\/api\/ds\/query$/],
  ['GET', /^\/api\/public\/dashboards\/[^/]+$/],
  ['GET', /^\/public-dashboards\/[^/]+$/],
];

// They write nothing and lean on nothing, so they may be sent to a Grafana with people's work in it.
const SAFE = [1, 4, 12, 13, 33, 56, 58, 143, 170, 185, 186];

const exchanges = loadExchanges();
const leftOut = new Set(LEFT_OUT.flatMap((entry) => entry.exchanges));
const played = exchanges.filter(({ n }) => !leftOut.has(n));

describe('the fake Grafana, dialect 9.4', () => {
  it('answers what the real one answered, exchange by exchange', async () => {
    let now = Date.parse('2026-11-22T15:58:40Z');
    await using prometheus = await startRecordedPrometheus();
    await using fake = await startFakeGrafana({
      prometheusUrl: prometheus.url,
      clock: { now: () => now },
    });
    const { url } = fake;
    const replay = createReplay({ exchanges, url, login: 'admin', password: 'admin' });

    for (const exchange of played) {
      if (exchange.what.includes('7 s later')) now += 7_000;
      const answer = await replay.send(exchange);
      const { expected, actual } = replay.compare(exchange, answer);

      expect(actual).toEqual(expected);
    }
    expect(played.length).toBe(245);
  });

  it.each(PRODUCT_ROUTES)('is held to a recorded success of %s %s', (method, path) => {
    const matching = played.filter(
      ({ request, response }) =>
        request.method === method && path.test(request.path) && response.status < 300,
    );

    expect(matching).not.toEqual([]);
  });
});

interface Target {
  name: string;
  open: () => Promise<{ url: string } & AsyncDisposable>;
  login: string;
  password: string;
}

const targets: Target[] = (['9.4', 'later'] as const).map((dialect) => ({
  name: `the fake Grafana, dialect ${dialect}`,
  open: () => startFakeGrafana({ dialect }),
  login: 'admin',
  password: 'admin',
}));
const external = externalGrafana(process.env);
if (external !== null) {
  targets.push({
    name: 'the Grafana of GRAFANA_URL',
    open: () =>
      Promise.resolve({
        url: `${external.scheme}://${external.url}`,
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
    login: process.env['GRAFANA_USERNAME'] ?? 'admin',
    password: process.env['GRAFANA_PASSWORD'] ?? 'admin',
  });
}

describe.each(targets)('$name', ({ open, login, password }) => {
  it('answers requests that change nothing with the recorded status and message id', async () => {
    await using server = await open();
    const replay = createReplay({ exchanges, url: server.url, login, password });

    for (const exchange of exchanges.filter(({ n }) => SAFE.includes(n))) {
      const answer = await replay.send(exchange);

      expect(essence(exchange, answer)).toEqual(essence(exchange, exchange.response));
    }
  });
});

function essence({ what }: Exchange, { status, body }: { status: number; body: unknown }) {
  return { what, status, messageId: (body as { messageId?: string }).messageId };
}

/** Answers the two queries of the recording as the Prometheus of that day did. */
async function startRecordedPrometheus(): Promise<{ url: string } & AsyncDisposable> {
  const series = (job: string, instance: string, value: string) => ({
    metric: { __name__: 'up', instance, job },
    values: Array.from({ length: 14 }, (_, index) => [1_795_362_750 + 30 * index, value]),
  });
  const result = [
    series('dead', '127.0.0.1:1', '0'),
    series('grafana', '127.0.0.1:3000', '1'),
    series('prometheus', '127.0.0.1:9090', '1'),
  ];
  const app = express().use(express.urlencoded());
  app.post('/api/v1/query_range', (_req, res) => {
    res.json({ status: 'success', data: { resultType: 'matrix', result } });
  });
  app.post('/api/v1/query', (req, res) => {
    if ((req.body as { query: string }).query !== 'up') {
      res.status(400).json({ status: 'error', errorType: 'bad_data', error: 'parse error' });
      return;
    }
    const vector = result.map(({ metric, values: [first] }) => ({
      metric,
      value: [1_795_363_135.323, first?.[1]],
    }));
    res.json({ status: 'success', data: { resultType: 'vector', result: vector } });
  });
  const { url, close } = await listen(app);
  return { url, [Symbol.asyncDispose]: close };
}
