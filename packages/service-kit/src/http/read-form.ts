import express, { type Request, type RequestHandler, type Response } from 'express';
import { ApiError } from './api-error.js';
import { runParser } from './run-parser.js';

const form = 'application/x-www-form-urlencoded';
const text: RequestHandler = express.text({ limit: '1mb', type: form });

/** The parameters of a form; none without a body. Throws 400, 413 or 415. */
export async function readForm(request: Request, response: Response): Promise<URLSearchParams> {
  // Null without a body, false for another type.
  if (request.is(form) === false) {
    throw new ApiError('UnsupportedMediaTypeError', `A body of type ${form} is needed`);
  }
  await runParser(text, request, response);
  const body: unknown = request.body;
  return new URLSearchParams(typeof body === 'string' ? body : '');
}
