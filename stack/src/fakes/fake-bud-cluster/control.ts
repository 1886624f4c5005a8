import express, { type ErrorRequestHandler, type Express } from 'express';
import { z } from 'zod';
import type { Traffic } from '../traffic.js';

const faultBody = z.object({
  kind: z.union([
    z.number().int().min(200).max(599),
    z.enum(['html', 'nonsense', 'hang', 'reset', 'lost-answer']),
  ]),
  /** A regular expression for `METHOD /path`. */
  match: z
    .string()
    .transform((source) => new RegExp(source))
    .optional(),
  times: z.number().int().positive().optional(),
});

/**
 * Breaks and counts from outside the process. It has a listener of its own: beside a sidecar every
 * invocation comes from localhost, so the address could not tell a test from a caller of the app.
 */
export function controlApp(traffic: Traffic, token: string): Express {
  const app = express().disable('x-powered-by').disable('etag');
  app.use((req, res, next) => {
    if (req.headers.authorization === `Bearer ${token}`) next();
    else
      res
        .status(401)
        .json({ message: 'The control routes want the control token as a bearer token' });
  });
  app.use(express.json());

  app.post('/faults', (req, res) => {
    const { kind, match, times } = faultBody.parse(req.body);
    traffic.fail(kind, { match, times });
    res.status(204).end();
  });
  app.delete('/faults', (_req, res) => {
    traffic.clearFaults();
    res.status(204).end();
  });
  app.put('/delay', (req, res) => {
    traffic.delayMs = z.object({ ms: z.number().nonnegative() }).parse(req.body).ms;
    res.status(204).end();
  });
  app.get('/requests', (_req, res) => {
    res.json(traffic.requests);
  });
  const answerBadRequest: ErrorRequestHandler = (error: unknown, _req, res, next) => {
    if (res.headersSent) next(error);
    else res.status(400).json({ message: error instanceof Error ? error.message : 'Bad request' });
  };
  app.use(answerBadRequest);
  return app;
}
