import type { DashboardStatus, GrafanaDashboard } from '@bud-monitoring/contracts';
import { useCallback } from 'preact/hooks';
import { useApi } from '../../app/api';
import { Loaded } from '../../parts/page/state';
import { Status, type Tone } from '../../parts/values/status';
import { Time } from '../../parts/values/time';
import { useRequest } from '../../parts/hooks/use-request';

const REFRESH_MS = 30_000;

/** The cluster's dashboard in Grafana, by its public link. */
export function DashboardsTab({ id }: { id: string }) {
  const { client } = useApi();
  const load = useCallback(
    (signal: AbortSignal) => client.getGrafanaDashboard(id, { signal }),
    [client, id],
  );
  return (
    <Loaded request={useRequest(load, { refreshMs: REFRESH_MS })}>
      {(dashboard) => <Dashboard dashboard={dashboard} />}
    </Loaded>
  );
}

function Dashboard({ dashboard }: { dashboard: GrafanaDashboard }) {
  const { status, url, name, sharing } = dashboard;
  return (
    <>
      <div class="dashboard-facts">
        <Status tone={tones[status]}>{texts[status]}</Status>
        {dashboard.last_error !== undefined && <span>{dashboard.last_error}</span>}
        {dashboard.next_try !== undefined && (
          <span>
            tried again at <Time at={dashboard.next_try} />
          </span>
        )}
        {sharing.expires_at !== null && (
          <span>
            the link ends at <Time at={sharing.expires_at} />
          </span>
        )}
        {url !== null && (
          <a class="button button-small" href={url} target="_blank" rel="noreferrer">
            Open in Grafana
          </a>
        )}
      </div>
      {url !== null && (
        <>
          <iframe
            class="dashboard-frame"
            src={url}
            title={`Dashboard of ${name}`}
            loading="lazy"
            referrerpolicy="no-referrer"
            // Its own origin is Grafana's, which is never this page's.
            sandbox="allow-scripts allow-same-origin allow-popups"
          />
          <p class="soft">
            If this stays empty, Grafana forbids to be embedded: open it by its link above.
          </p>
        </>
      )}
    </>
  );
}

const tones: Readonly<Record<DashboardStatus, Tone>> = {
  ready: 'good',
  pending: 'warning',
  failed: 'bad',
  disabled: 'off',
  deleting: 'warning',
  unreadable: 'bad',
  orphaned: 'warning',
};

const texts: Readonly<Record<DashboardStatus, string>> = {
  ready: 'Ready',
  pending: 'Being provisioned',
  failed: 'Could not be provisioned',
  disabled: 'The public link is switched off',
  deleting: 'Being removed',
  unreadable: 'Its record cannot be read',
  orphaned: 'Of a cluster that is not known',
};
