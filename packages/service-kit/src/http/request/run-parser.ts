import { isNativeError } from 'node:util/types';
import type { Request, RequestHandler, Response } from 'express';

/**
 * Runs a body parser as a promise: its callback runs outside the request's context, the code after an
 * `await` inside.
 */
export function runParser(
  parser: RequestHandler,
  request: Request,
  response: Response,
): Promise<void> {
  return new Promise((resolve, reject) => {
    void parser(request, response, (error?: unknown) => {
      if (isNativeError(error)) reject(error);
      else resolve();
    });
  });
}
