import { useCallback } from 'preact/hooks';
import type { ClusterHealth, FleetList } from '@bud-monitoring/contracts';
import { useApi } from '../../app/api';
import { healthNames, healthTones } from '../../parts/values/health';
import { Status } from '../../parts/values/status';
import { Tiles } from '../../parts/page/tiles';
import { useRequest } from '../../parts/hooks/use-request';
import { clusterStates, fleetHref, type FleetView } from './fleet-url';

const REFRESH_MS = 60_000;

/** How many clusters there are in each state; each number leads to its clusters. */
export function StateTiles({ view }: { view: FleetView }) {
  const { client } = useApi();
  const load = useCallback(
    (signal: AbortSignal) => client.listClusters({ limit: 1, counts: 'true' }, { signal }),
    [client],
  );
  const { data, error } = useRequest(load, { refreshMs: REFRESH_MS });
  const number = (of: (list: FleetList) => string) => (data ? of(data) : error ? '—' : '…');
  const { search } = view;
  return (
    <Tiles
      label="Clusters by state"
      tiles={[
        {
          key: 'all',
          href: fleetHref({ search }),
          current: view.states.length === 0,
          number: number(({ total }) => total.toLocaleString('en')),
          name: 'All clusters',
        },
        ...clusterStates.map((state) => ({
          key: state,
          href: fleetHref({ search, states: [state] }),
          current: view.states.includes(state),
          number: number((counts) => numberOf(counts, state)),
          name: <Status tone={healthTones[state]}>{healthNames[state]}</Status>,
        })),
      ]}
    />
  );
}

/** The API does not count very many clusters one by one. */
const numberOf = ({ states }: FleetList, state: ClusterHealth) =>
  states?.[state].toLocaleString('en') ?? 'Show';
