import { Refused } from '../scoping/refused.js';
import type { ApiResponse } from './api-response.js';
import { jsonOf } from './read-response.js';

interface ErrorBody {
  errorType?: unknown;
  error?: unknown;
}

/** The store itself cannot parse the text; the message is the store's own. */
export class InvalidPromQL extends Error {
  override readonly name = 'InvalidPromQL';
}

/**
 * The error for a text that cannot be parsed here, or that Prometheus refuses: the store's own (`askStore` asks
 * `format_query` of it), or ours where it has none. A text that only the store can parse stays refused.
 */
export async function translateParseError(
  refused: Refused,
  askStore: () => Promise<ApiResponse>,
): Promise<Error> {
  const { field, text, refusal } = refused;
  try {
    const response = await askStore();
    if (response.status === 200) {
      if (refusal.kind === 'invalid') return refused;
      const reason = `The query cannot be scoped: ${refusal.reason}`;
      return new Refused(field, text, { ...refusal, kind: 'refused', status: 422, reason });
    }
    const { errorType, error } = (await jsonOf(response)) as ErrorBody;
    if (response.status !== 400 || errorType !== 'bad_data' || typeof error !== 'string') {
      return refused;
    }
    return new InvalidPromQL(error.replace('parameter "query"', `parameter "${field}"`));
  } catch {
    return refused; // the text is wrong whether or not the store can say so
  }
}
