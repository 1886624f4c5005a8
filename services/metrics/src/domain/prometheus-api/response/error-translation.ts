import type { StoreAnswer } from '../query-executor.js';
import { Refused } from '../scoping/scope-request.js';

/** The store's answer is not what its API says it is. */
export class UnusableAnswer extends Error {
  override readonly name = 'UnusableAnswer';
}

interface ErrorBody {
  errorType?: unknown;
  error?: unknown;
}

/** The `data` of an answer; throws `UnusableAnswer` where it has none. */
export async function dataOf(answer: StoreAnswer): Promise<unknown> {
  const { data } = (await jsonOf(answer)) as { data?: unknown };
  if (answer.status === 200) return data;
  throw new UnusableAnswer(`The store answered ${answer.status}`);
}

/** The JSON object of an answer, whatever its status; throws `UnusableAnswer`. */
export async function jsonOf({ body }: StoreAnswer): Promise<object> {
  const pieces: Buffer[] = [];
  if (Buffer.isBuffer(body)) pieces.push(body);
  else for await (const piece of body) pieces.push(piece);
  try {
    const parsed: unknown = JSON.parse(Buffer.concat(pieces).toString());
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // told below
  }
  throw new UnusableAnswer('The store answered what is no JSON object');
}

/** A text that the store itself calls no PromQL, in its own words. */
export class NoPromQL extends Error {
  override readonly name = 'NoPromQL';
}

/**
 * What the caller is told of a text that cannot be parsed here: the store's own words (`asked` is what
 * it says to the text), or ours where it has none. What the store can read and we cannot stays refused.
 */
export async function storeWords(refused: Refused, asked: Promise<StoreAnswer>): Promise<Error> {
  try {
    const answer = await asked;
    if (answer.status === 200) {
      const reason = `The query cannot be scoped: ${refused.refusal.reason}`;
      return new Refused(refused.field, refused.text, {
        ...refused.refusal,
        ...{ kind: 'refused', status: 422, reason },
      });
    }
    const { errorType, error } = (await jsonOf(answer)) as ErrorBody;
    if (answer.status !== 400 || errorType !== 'bad_data' || typeof error !== 'string') {
      return refused;
    }
    return new NoPromQL(error.replace('parameter "query"', `parameter "${refused.field}"`));
  } catch {
    return refused; // the text is wrong whether or not the store can say so
  }
}
