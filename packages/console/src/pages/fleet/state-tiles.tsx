import { useCallback } from 'preact/hooks';
import type { ClusterHealth } from '@bud-monitoring/contracts';
import { useApi } from '../../app/api';
import { healthNames, healthTones } from '../../parts/values/health';
import { Status } from '../../parts/values/status';
import { Tiles } from '../../parts/page/tiles';
import { useRequest } from '../../parts/hooks/use-request';
import { clusterStates, fleetHref, type FleetView } from './fleet-url';

const REFRESH_MS = 60_000;
/** Of more clusters the states are not counted: the API would have to sum up each of them for it. */
const MOST_COUNTED = 1000;

interface Counts {
  total: number;
  /** Missing where they are not counted. */
  states: Partial<Record<ClusterHealth, number>>;
}

/** How many clusters there are in each state; each number leads to its clusters. */
export function StateTiles({ view }: { view: FleetView }) {
  const { client } = useApi();
  const load = useCallback(
    async (signal: AbortSignal): Promise<Counts> => {
      const { total } = await client.listClusters({ limit: 1 }, { signal });
      if (total > MOST_COUNTED) return { total, states: {} };
      const count = async (state: ClusterHealth) => {
        const page = await client.listClusters({ limit: 1, state: [state] }, { signal });
        return [state, page.total] as const;
      };
      return { total, states: Object.fromEntries(await Promise.all(clusterStates.map(count))) };
    },
    [client],
  );
  const { data, error } = useRequest(load, { refreshMs: REFRESH_MS });
  const number = (of: (counts: Counts) => string) => (data ? of(data) : error ? '—' : '…');
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

const numberOf = ({ states }: Counts, state: ClusterHealth) =>
  states[state]?.toLocaleString('en') ?? 'Show';
