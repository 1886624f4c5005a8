/**
 * Why a query is not handed on.
 * - `unparsable`: not PromQL as this grammar knows it. The store may be asked for its own words, but only
 *   through a route that evaluates nothing (`format_query`); if the store can read what we cannot, the query
 *   stays refused.
 * - `invalid`: PromQL that Prometheus refuses, known here without asking it.
 * - `limit`: longer or deeper than what is read at all.
 * - `refused`: read and understood, and asks for more than its scope.
 */
export interface Refusal {
  readonly ok: false;
  readonly kind: 'unparsable' | 'invalid' | 'limit' | 'refused';
  /** 400 for `unparsable` and `invalid` (`bad_data`), 422 for the others. */
  readonly status: 400 | 422;
  /** One sentence for the caller; quotes only the caller's own text. */
  readonly reason: string;
  /** Offset in the caller's text, in UTF-16 units from 0. */
  readonly position: number;
}

export function unparsable(reason: string, position: number): Refusal {
  return { ok: false, kind: 'unparsable', status: 400, reason, position };
}

export function invalid(reason: string, position: number): Refusal {
  return { ok: false, kind: 'invalid', status: 400, reason, position };
}

export function overLimit(reason: string, position: number): Refusal {
  return { ok: false, kind: 'limit', status: 422, reason, position };
}

export function refused(reason: string, position: number): Refusal {
  return { ok: false, kind: 'refused', status: 422, reason, position };
}
