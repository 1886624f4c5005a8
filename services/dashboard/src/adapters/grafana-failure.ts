import { UpstreamError } from '@bud-monitoring/client';
import { Failure } from '../domain/grafana/failure.js';

/** What Grafana's own texts say that needs no person: what is missing is made at the next try. */
const passing = /folder not found|dashboardNotFound|dashboard not found/i;

/**
 * What a failed call of Grafana means for the work. `changes` tells of a call that may have had its
 * effect although nobody heard of it.
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
      return new Failure({
        kind: 'lasting',
        code,
        message:
          'Grafana does not allow this: the credentials need dashboards:create, dashboards:write, dashboards:delete, dashboards.public:write and folders:create',
      });
    case 'conflict':
      return new Failure({
        kind: 'lasting',
        code: conflictCode(detail),
        message: conflict(detail),
      });
    case 'refused':
    case 'not_found':
      return passing.test(detail)
        ? new Failure({ kind: 'transient', code, message: `Grafana lacks what is needed${said}` })
        : new Failure({ kind: 'lasting', code, message: `Grafana refuses this${said}` });
    case 'cancelled':
      return new Failure({ kind: 'superseded', code, message: error.message, unsure: changes });
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
        unsure: changes,
      });
  }
}

function conflictCode(detail: string): string {
  return detail === 'name-exists' ? 'name_exists' : 'conflict';
}

function conflict(detail: string): string {
  return detail === 'name-exists'
    ? 'The folder holds another dashboard of the same title: rename or remove it'
    : `Grafana holds something else in this place: ${detail}`;
}
