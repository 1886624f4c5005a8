import { firstSample } from './fleet.js';

/** When a query is evaluated, within the hour of samples. */
export type Evaluation = 'instant' | 'range';

/** What a store says to a query; `error` holds the kind of the error only, since messages quote the query. */
export type Answer =
  { readonly error: string } | { readonly type: string; readonly result: unknown };

const times: Record<Evaluation, Record<string, string>> = {
  instant: { time: String(firstSample + 2_715) },
  range: { start: String(firstSample + 1_200), end: String(firstSample + 2_400), step: '300' },
};

/** Asks one store. */
export async function ask(url: string, query: string, evaluation: Evaluation): Promise<Answer> {
  const path = evaluation === 'instant' ? 'query' : 'query_range';
  const response = await fetch(`${url}/api/v1/${path}`, {
    method: 'POST',
    body: new URLSearchParams({ query, ...times[evaluation] }),
  });
  const body = (await response.json()) as
    | { status: 'success'; data: { resultType: string; result: unknown } }
    | { status: 'error'; errorType: string };
  return body.status === 'error'
    ? { error: body.errorType }
    : { type: body.data.resultType, result: body.data.result };
}

/**
 * Whether two answers say the same: the same series in whatever order, and numbers within 1e-9. `without`
 * names labels that do not count (`absent` names those of its selector, ours too).
 */
export function same(a: Answer, b: Answer, without: readonly string[] = []): boolean {
  if ('error' in a || 'error' in b) return 'error' in a && 'error' in b && a.error === b.error;
  return a.type === b.type && equal(ordered(a.result, without), ordered(b.result, without));
}

/** Whether an answer has anything in it. */
export function hasContent(answer: Answer): boolean {
  return 'result' in answer && Array.isArray(answer.result) && answer.result.length > 0;
}

function ordered(result: unknown, without: readonly string[]): unknown {
  if (!Array.isArray(result) || !result.every(isSeries)) return result;
  return result
    .map(({ metric, ...values }) => {
      const labels = Object.entries(metric).filter(([name]) => !without.includes(name));
      return { metric: JSON.stringify(labels.sort()), ...values };
    })
    .sort((a, b) => (a.metric < b.metric ? -1 : 1));
}

function isSeries(value: unknown): value is { metric: Record<string, string> } {
  return typeof value === 'object' && value !== null && 'metric' in value;
}

function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a === 'string' && typeof b === 'string') return close(Number(a), Number(b));
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) =>
      equal((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
    )
  );
}

function close(a: number, b: number): boolean {
  return Number.isFinite(a) && Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
}
