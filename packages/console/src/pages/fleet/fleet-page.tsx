import { useCallback } from 'preact/hooks';
import { useApi } from '../../app/api';
import { Empty, Loaded } from '../../parts/state';
import { useRequest } from '../../parts/use-request';

/** All clusters that the caller may see. */
export default function FleetPage() {
  const { client } = useApi();
  const load = useCallback(
    (signal: AbortSignal) => client.listClusters({ limit: 50, sort: 'need' }, { signal }),
    [client],
  );
  const request = useRequest(load, { refreshMs: 30_000 });
  return (
    <>
      <h1>Fleet</h1>
      <Loaded request={request}>
        {({ clusters }) =>
          clusters.length === 0 ? (
            <Empty>No cluster yet.</Empty>
          ) : (
            <ul>
              {clusters.map(({ cluster_id, name }) => (
                <li key={cluster_id}>{name}</li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </>
  );
}
