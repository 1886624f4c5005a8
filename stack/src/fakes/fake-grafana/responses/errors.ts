import type { ErrorRequestHandler, Request, Response } from 'express';
import type { z } from 'zod';

/** An answer that is not a success: thrown by a route, written by `answerRefusal`. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    super(`refused with ${status}`);
    this.name = 'Refusal';
    this.status = status;
    this.body = body;
  }
}

/** The commonest error body: a message and, for some routes, an always empty trace id. */
export const refuse = (status: number, message: string, traceID?: ''): Refusal =>
  new Refusal(status, traceID === undefined ? { message } : { message, traceID });

/** The error body of the public dashboard routes. */
export const refusePublicDashboard = (statusCode: number, id: string, message: string): Refusal =>
  new Refusal(statusCode, {
    message,
    messageId: `publicdashboards.${id}`,
    statusCode,
    traceID: '',
  });

/** What a caller without the right permission gets, anonymous ones included. */
export const accessDenied = (permissions: string): Refusal =>
  new Refusal(403, {
    accessErrorId: `ACE${String(Math.floor(Math.random() * 1e10)).padStart(10, '0')}`,
    message: `You'll need additional permissions to perform this action. Permissions needed: ${permissions}`,
    title: 'Access denied',
  });

export const notFound = (): Refusal => refuse(404, 'Not found');

export const answerRefusal: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (res.headersSent) next(error);
  else if (error instanceof Refusal) res.status(error.status).json(error.body);
  else {
    const status = (error as { status?: unknown }).status;
    res
      .status(typeof status === 'number' ? status : 500)
      .json({ message: 'Internal Server Error', traceID: '' });
  }
};

/**
 * The JSON body as the schema reads it. Grafana reads nothing but `application/json`, takes an empty
 * body for an object without fields, and tells no one what was wrong.
 */
export function bind<T>(
  req: Request,
  schema: z.ZodType<T>,
  bad: Refusal = refuse(400, 'bad request data', ''),
): T {
  if (!/^application\/json\b/i.test(req.headers['content-type'] ?? '')) throw bad;
  const text = typeof req.body === 'string' ? req.body.trim() : '';
  let json: unknown = {};
  try {
    if (text !== '') json = JSON.parse(text);
  } catch {
    throw bad;
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw bad;
  return parsed.data;
}

/** 200 with an empty body that still calls itself JSON. */
export function answerEmpty(res: Response): void {
  res.status(200).type('json').end();
}
