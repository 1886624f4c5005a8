/**
 * Why Grafana was not brought to what is wanted.
 * - `transient`: trying again may help.
 * - `unauthorized`: no call will succeed until the credentials change.
 * - `lasting`: somebody has to mend what the message names.
 * - `superseded`: another replica, or a newer wish, came first; nothing is wrong.
 */
export type FailureKind = 'transient' | 'unauthorized' | 'lasting' | 'superseded';

/** The one error of provisioning; the message is fit for people and holds no secret. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  readonly code: string;
  readonly retryAfterMs: number | null;
  /** The call may have had its effect all the same, now or later. */
  readonly unsure: boolean;

  constructor(init: {
    kind: FailureKind;
    code: string;
    message: string;
    retryAfterMs?: number | undefined;
    unsure?: boolean | undefined;
  }) {
    super(init.message);
    this.kind = init.kind;
    this.code = init.code;
    this.retryAfterMs = init.retryAfterMs ?? null;
    this.unsure = init.unsure ?? false;
  }
}

/** The failure of a run that has to start over with what is wanted now. */
export function superseded(): Failure {
  return new Failure({
    kind: 'superseded',
    code: 'superseded',
    message: 'The record was changed by another',
  });
}
