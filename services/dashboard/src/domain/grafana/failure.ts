/**
 * Why a reconcile failed.
 * - `transient`: a retry may succeed.
 * - `unauthorized`: no call will succeed until the credentials change.
 * - `permanent`: a person has to fix what the message names.
 * - `superseded`: another replica, or a newer desired state, came first; nothing is wrong.
 */
export type FailureKind = 'transient' | 'unauthorized' | 'permanent' | 'superseded';

/** The error of a reconcile; its message is shown to users and contains no secret. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  readonly code: string;
  readonly retryAfterMs: number | null;
  /** An uncertain write: the call may have had its effect all the same, now or later. */
  readonly uncertain: boolean;

  constructor(init: {
    kind: FailureKind;
    code: string;
    message: string;
    retryAfterMs?: number | undefined;
    uncertain?: boolean | undefined;
  }) {
    super(init.message);
    this.kind = init.kind;
    this.code = init.code;
    this.retryAfterMs = init.retryAfterMs ?? null;
    this.uncertain = init.uncertain ?? false;
  }
}

/** The failure of a reconcile that has to start over with the newest desired state. */
export function superseded(): Failure {
  return new Failure({
    kind: 'superseded',
    code: 'superseded',
    message: 'The record was changed by another',
  });
}

/** The failure of what a person has to fix. */
export function permanentFailure(code: string, message: string): Failure {
  return new Failure({ kind: 'permanent', code, message });
}
