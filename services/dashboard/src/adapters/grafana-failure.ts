import { UpstreamError } from '@bud-monitoring/client';
import { Failure } from '../domain/grafana/failure.js';

/** Grafana's messages about what is missing now and is created at the next try. */
const missingNow = /folder not found|dashboardNotFound|dashboard not found/i;

/**
 * The `Failure` of a failed call of Grafana; other errors are returned as they are. `changes`: the call
 * writes, so it may have had its effect although its answer was lost.
 */
export function toFailure(error: unknown, { changes }: { changes: boolean }): unknown {
  if (!(error instanceof UpstreamError)) return error;
  const { code, detail = '', retryAfterSeconds } = error;
  const retryAfterMs = retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1_000;
  const said = detail === '' ? '' : `: ${detail}`;
  switch (code) {
    case 'unauthorized':
      return new Failure({
        kind: 'unauthorized',
        code,
        message:
          'Grafana does not accept the credentials: correct GRAFANA_TOKEN, or GRAFANA_USERNAME and GRAFANA_PASSWORD',
      });
    case 'forbidden':
      return new Failure({ kind: 'permanent', code, message: refusal(detail) + said });
    case 'conflict':
      return new Failure({
        kind: 'permanent',
        code: conflictCode(detail),
        message: conflict(detail),
      });
    case 'refused':
    case 'not_found':
      return missingNow.test(detail)
        ? new Failure({ kind: 'transient', code, message: `Grafana lacks what is needed${said}` })
        : new Failure({ kind: 'permanent', code, message: `Grafana refuses this${said}` });
    case 'cancelled':
      return new Failure({ kind: 'superseded', code, message: error.message, uncertain: changes });
    case 'untrusted':
    case 'circuit_open':
    case 'too_many_requests':
      return new Failure({ kind: 'transient', code, message: error.message, retryAfterMs });
    case 'unreachable':
    case 'timeout':
    case 'bad_answer':
      return new Failure({
        kind: 'transient',
        code,
        message: `${error.message}${said}`,
        retryAfterMs,
        uncertain: changes,
      });
  }
}

/** Grafana refuses alike what the credentials may not do, and what its limits do not allow. */
function refusal(detail: string): string {
  return /quota/i.test(detail)
    ? 'Grafana takes no more, by its quota'
    : 'Grafana does not allow this: the credentials need dashboards:create, dashboards:write, dashboards:delete, dashboards.public:write and folders:create';
}

function conflictCode(detail: string): string {
  return detail === 'name-exists' ? 'name_exists' : 'conflict';
}

function conflict(detail: string): string {
  return detail === 'name-exists'
    ? 'The folder holds another dashboard of the same title: rename or remove it'
    : `Grafana holds something else in this place: ${detail}`;
}
