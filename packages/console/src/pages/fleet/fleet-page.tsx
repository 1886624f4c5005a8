import type { FleetSort } from '@bud-monitoring/contracts';
import { useLocation } from 'preact-iso';
import { useCallback, useMemo } from 'preact/hooks';
import { useApi } from '../../app/api';
import { Freshness } from '../../parts/values/freshness';
import { Pager } from '../../parts/table/pager';
import { Empty, Loaded } from '../../parts/page/state';
import { useTitle } from '../../parts/hooks/use-title';
import { useCursorPage } from '../../parts/hooks/use-cursor-page';
import { useRequest } from '../../parts/hooks/use-request';
import { Warnings } from '../../parts/page/warnings';
import { FleetFilters } from './fleet-filters';
import './fleet.css';
import { FleetTable } from './fleet-table';
import { fleetHref, readFleetView, type FleetView } from './fleet-url';
import { StateTiles } from './state-tiles';
import { useGpus } from './use-gpus';

const SIZE = 50;
const REFRESH_MS = 20_000;

/** The clusters that the caller may see: by pages of the API, so that their number does not matter. */
export default function FleetPage() {
  const { client } = useApi();
  const { url, route } = useLocation();
  useTitle('Fleet');
  const query = url.split('?')[1] ?? '';
  const view = useMemo(() => readFleetView(query), [query]);
  const { page, cursor, links } = useCursorPage();
  const load = useCallback(
    (signal: AbortSignal) => {
      const { search, states, sort, order } = view;
      return client.listClusters(
        {
          limit: SIZE,
          sort,
          order,
          search: search === '' ? undefined : search,
          state: states.length === 0 ? undefined : [...states],
          cursor,
        },
        { signal },
      );
    },
    [client, view, cursor],
  );
  const request = useRequest(load, { refreshMs: REFRESH_MS });
  const shown = request.data?.clusters.map(({ cluster_id: id }) => id).join(' ') ?? '';
  const { gpus, stream } = useGpus(shown);
  const go = useCallback(
    (change: Partial<FleetView>, replace = false) =>
      route(fleetHref({ ...view, ...change }), replace),
    [route, view],
  );

  return (
    <>
      <div class="page-head">
        <h1>Fleet</h1>
        <Freshness at={request.at} stream={stream} />
      </div>
      <StateTiles view={view} />
      <FleetFilters view={view} go={go} />
      <Loaded request={request}>
        {({ clusters, next, total, warnings }) => (
          <>
            <Warnings warnings={warnings} />
            {clusters.length === 0 ? (
              <NoClusters view={view} />
            ) : (
              <>
                <FleetTable
                  clusters={clusters}
                  at={request.at}
                  gpus={gpus}
                  sorting={{
                    by: view.sort,
                    order: view.order,
                    change: (by, order) => go({ sort: by as FleetSort, order }),
                  }}
                />
                <Pager
                  what="clusters"
                  page={page}
                  size={SIZE}
                  shown={clusters.length}
                  total={total}
                  {...links(next)}
                />
              </>
            )}
          </>
        )}
      </Loaded>
    </>
  );
}

function NoClusters({ view }: { view: FleetView }) {
  if (view.search === '' && view.states.length === 0)
    return (
      <Empty>
        No cluster is known yet. One appears here when an event announces it, or when its first
        samples are in the store.
      </Empty>
    );
  return (
    <Empty>
      No cluster is like that. <a href="/">Show all</a>
    </Empty>
  );
}
