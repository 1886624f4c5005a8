import express, { type Express, type RequestHandler } from 'express';
import { z } from 'zod';
import { listen, type Listening } from '../listen.js';
import { createTraffic, type Traffic } from '../traffic.js';
import { controlApp } from './control.js';
import { nodeAnswer, type Shape } from './hardware.js';
import { fleetSchema, type FleetCluster } from './types.js';

export interface FakeBudClusterOptions {
  fleet: readonly FleetCluster[];
  /** 0 (the default): a free one. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** What the sidecar must send as `dapr-api-token`; without it nothing is demanded. */
  appApiToken?: string | undefined;
  /** Where the nodes stand: `param.nodes` as the original has it (default), or `nodes`. */
  envelope?: 'original' | 'seed';
  /** Default 2025. */
  hardwareShape?: Shape;
  /** Opens the control routes, on a port of their own at 127.0.0.1, to whoever bears this token. */
  control?: { token: string; port?: number } | undefined;
}

/** A running fake: its address, what went through it, and the ways to break it. */
interface FakeBudCluster extends AsyncDisposable, Omit<Traffic, 'handler'> {
  readonly url: string;
  readonly port: number;
  /** Where the control routes are, if they were asked for. */
  readonly controlUrl: string | undefined;
  close: () => Promise<void>;
}

/** Starts the part of bud-cluster that the product calls, as a plain app beside a Dapr sidecar. */
export async function startFakeBudCluster(options: FakeBudClusterOptions): Promise<FakeBudCluster> {
  const traffic = createTraffic();
  const app = express().disable('x-powered-by').disable('etag');
  app.get('/health', (_req, res) => {
    res.json({ status: 'ok' });
  });
  app.use(traffic.handler);
  app.use(demandToken(options.appApiToken));
  addRoutes(app, options);

  const main = await listen(app, options);
  let control: Listening | undefined;
  if (options.control !== undefined) {
    const { token, port = 0 } = options.control;
    control = await listen(controlApp(traffic, token), { port });
  }
  const close = async () => {
    await main.close();
    await control?.close();
  };
  const { url, port } = main;
  const controlUrl = control?.url;
  return Object.assign(traffic, { url, port, controlUrl, close, [Symbol.asyncDispose]: close });
}

type Cluster = z.output<typeof fleetSchema>[number];

function addRoutes(
  app: Express,
  { fleet, envelope = 'original', hardwareShape = '2025' }: FakeBudClusterOptions,
): void {
  const clusters = new Map<string, Cluster>(
    fleetSchema.parse(fleet).map((cluster) => [cluster.clusterId, cluster]),
  );
  const find = (id: string) => clusters.get(id.toLowerCase());

  app.use('/cluster/:id', (req, res, next) => {
    if (z.guid().safeParse(req.params.id).success) next();
    else
      res.status(422).json(failure(422, 'Input should be a valid UUID', 'RequestValidationError'));
  });

  // A cluster it does not know has no nodes; its events are an error of the server's.
  app.get('/cluster/:id/nodes', (req, res) => {
    const { clusterId = '', nodes: known = [] } = find(req.params.id) ?? {};
    const nodes = known.map((node) => nodeAnswer(clusterId, node, hardwareShape));
    const success = { object: 'info', message: 'Cluster nodes fetched successfully' };
    res.json(
      envelope === 'seed' ? { ...success, param: null, nodes } : { ...success, param: { nodes } },
    );
  });

  app.get('/cluster/:id/events-count-by-node', (req, res) => {
    const nodes = find(req.params.id)?.nodes;
    if (nodes === undefined) {
      res.status(500).json(failure(500, '404: Cluster not found', 'InternalServerError'));
      return;
    }
    const data = Object.fromEntries(
      nodes.map(({ name, events }) => [
        name,
        events.reduce((sum, { count }) => sum + (count || 1), 0),
      ]),
    );
    res.json({ object: 'info', message: 'Node events count collected', param: null, data });
  });

  app.get('/cluster/:id/node-wise-events/:hostname', (req, res) => {
    const nodes = find(req.params.id)?.nodes;
    if (nodes === undefined) {
      res.status(500).json(failure(500, '404: Cluster not found', 'InternalServerError'));
      return;
    }
    const events = nodes.find(({ name }) => name === req.params.hostname)?.events ?? [];
    res.json({ object: 'info', message: 'Node events collected', param: null, data: { events } });
  });

  app.use((_req, res) => {
    res.status(404).json(failure(404, 'Not Found', 'NotFoundError'));
  });
}

function demandToken(token: string | undefined): RequestHandler {
  return (req, res, next) => {
    if (token === undefined || req.get('dapr-api-token') === token) next();
    else res.status(401).json(failure(401, 'Unauthorized', 'AuthenticationError'));
  };
}

const failure = (code: number, message: string, type: string) => ({
  object: 'error',
  code,
  message,
  type,
  param: null,
});
