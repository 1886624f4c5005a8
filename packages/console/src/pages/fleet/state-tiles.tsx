import { useCallback } from 'preact/hooks';
import type { ClusterHealth } from '@bud-monitoring/contracts';
import { useApi } from '../../app/api';
import { healthNames, healthTones } from '../../parts/health';
import { Status } from '../../parts/status';
import { useRequest } from '../../parts/use-request';
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
  return (
    <ul class="tiles" aria-label="Clusters by state">
      <li>
        <a
          class="tile"
          href={fleetHref({ search: view.search })}
          aria-current={view.states.length === 0 ? 'true' : undefined}
        >
          <span class="tile-number">{data?.total.toLocaleString('en') ?? (error ? '—' : '…')}</span>
          All clusters
        </a>
      </li>
      {clusterStates.map((state) => (
        <li key={state}>
          <a
            class="tile"
            href={fleetHref({ search: view.search, states: [state] })}
            aria-current={view.states.includes(state) ? 'true' : undefined}
          >
            <span class="tile-number">{data ? numberOf(data, state) : error ? '—' : '…'}</span>
            <Status tone={healthTones[state]}>{healthNames[state]}</Status>
          </a>
        </li>
      ))}
    </ul>
  );
}

const numberOf = ({ states }: Counts, state: ClusterHealth) =>
  states[state]?.toLocaleString('en') ?? 'Show';
