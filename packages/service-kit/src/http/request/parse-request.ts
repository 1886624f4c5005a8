import express, { type Request, type RequestHandler, type Response } from 'express';
import type { z } from 'zod';
import type { ErrorDetail } from '@bud-monitoring/contracts';
import { layers } from '../../schema-walk.js';
import { ApiError } from '../errors/api-error.js';
import { runParser } from './run-parser.js';
import { sentenceOf } from './sentences.js';

/** Most problems that one answer names. */
const maxProblems = 20;

/** Bytes of a JSON body we read. */
const bodyLimit = 1024 * 1024;

const json: RequestHandler = express.json({ limit: bodyLimit, strict: false, type: () => true });

/** The path parameters (already decoded) by schema; throws 400 naming the wrong ones. */
export function readParams(schema: z.ZodObject, request: Request): unknown {
  return parsed(schema, request.params, []);
}

/** The query by schema; throws 400 for unknown names, repeated single values and wrong ones. */
export function readQuery(schema: z.ZodObject, request: Request): unknown {
  const mark = request.originalUrl.indexOf('?');
  const search = new URLSearchParams(mark < 0 ? '' : request.originalUrl.slice(mark + 1));
  const known = Object.keys(schema.shape);
  const problems: ErrorDetail[] = [];
  const values: Record<string, string | string[]> = {};
  for (const name of new Set(search.keys())) {
    const all = search.getAll(name);
    if (!known.includes(name)) {
      const message = problems.length === 0 ? unknownParameter(known) : 'is not known';
      problems.push({ field: name.slice(0, 50), message });
    } else if (isList(schema.shape[name] as z.ZodType)) {
      values[name] = all;
    } else if (all.length > 1) {
      problems.push({ field: name, message: 'may be given only once' });
    } else {
      values[name] = all[0] ?? '';
    }
  }
  return parsed(schema, values, problems);
}

/** The JSON body by schema; throws 400, 413 or 415. */
export async function readBody(
  schema: z.ZodType,
  request: Request,
  response: Response,
): Promise<unknown> {
  if (!request.is(['json', '+json'])) {
    throw new ApiError('UnsupportedMediaTypeError', 'A body of type application/json is needed');
  }
  await runParser(json, request, response);
  return parsed(schema, request.body, []);
}

function unknownParameter(known: readonly string[]): string {
  return `is not known; ${known.length === 0 ? 'this route takes no parameters' : `known are ${known.join(', ')}`}`;
}

function isList(schema: z.ZodType): boolean {
  return layers(schema).some(({ _zod }) => _zod.def.type === 'array');
}

/** `found` are problems met before; fields that have one there are not reported twice. */
function parsed(schema: z.ZodType, value: unknown, found: readonly ErrorDetail[]): unknown {
  const result = schema.safeParse(value, { error: sentenceOf });
  if (result.success && found.length === 0) return result.data;
  const taken = new Set(found.map(({ field }) => field));
  const issues = (result.error?.issues ?? []).flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        field: [...issue.path, key.slice(0, 50)].join('.'),
        message: 'is not known',
      }));
    const field = issue.path.length === 0 ? 'body' : issue.path.join('.');
    return [{ field, message: issue.message }];
  });
  const all = [...found, ...issues.filter(({ field }) => !taken.has(field))];
  const left = all.length - maxProblems;
  if (left <= 0) throw ApiError.badFields(all);
  const more = { field: '', message: `and ${left} more problems` };
  throw ApiError.badFields([...all.slice(0, maxProblems), more]);
}
