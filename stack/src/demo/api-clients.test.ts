import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { viaGateway, type ServicesClient } from './api-clients.js';

const id = '11111111-2222-4333-8444-555555555555';
const { signal } = new AbortController();

let server: Server;
let answer: { status: number; body: unknown };
let asked: { url: string | undefined; authorization: string | undefined };
let gateway: ServicesClient;

beforeEach(async () => {
  server = createServer((request, response) => {
    asked = { url: request.url, authorization: request.headers.authorization };
    response.writeHead(answer.status, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  gateway = viaGateway(`http://127.0.0.1:${port}`, 'abc', signal);
});

afterEach(() => new Promise((resolve) => server.close(resolve)));

describe('asking through the gateway', () => {
  it('shows the token, hands on every parameter, and unwraps the answer', async () => {
    const coverage = { nodes_expected: 1, nodes_reporting: 1, newest_sample_age_seconds: 2 };
    const data = {
      nodes: {},
      cluster_summary: {},
      timestamp: '2026-01-31T12:00:00Z',
      warnings: [],
      time_range: 'month',
      cluster_id: id,
      cluster_name: 'one',
      metric_type: 'cpu',
      coverage,
      window: { start: 0, end: 1, step: 1, previous: { start: 0, end: 0 } },
    };
    answer = { status: 200, body: { object: 'cluster.metrics', message: 'ok', data } };

    const metrics = await gateway.metrics(id, {
      time_range: 'month',
      metric_type: 'cpu',
      node: ['a', 'b:9100'],
    });

    expect(asked).toEqual({
      url: `/api/clusters/${id}/metrics?time_range=month&metric_type=cpu&node=a&node=b%3A9100`,
      authorization: 'Bearer abc',
    });
    expect(metrics).toEqual(data);
  });

  it("says which path failed, how, and the service's own reason", async () => {
    answer = {
      status: 503,
      body: {
        object: 'error',
        code: 503,
        type: 'ServiceUnavailableError',
        request_id: 'r',
        message: 'prometheus could not be reached',
      },
    };

    await expect(gateway.nodes(id)).rejects.toThrow(
      `GET /api/clusters/${id}/node-metrics answered 503: prometheus could not be reached`,
    );
  });

  it('takes no answer of another shape', async () => {
    answer = { status: 200, body: { object: 'cluster.node-metrics', message: 'ok', data: {} } };

    await expect(gateway.nodes(id)).rejects.toThrow();
  });
});
