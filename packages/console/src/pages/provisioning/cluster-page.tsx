import type { GrafanaDashboard } from '@bud-monitoring/contracts';
import { useRoute } from 'preact-iso';
import { useCallback, useState } from 'preact/hooks';
import { useApi } from '../../app/api';
import { may } from '../../app/may';
import { OutcomeNotice } from '../../parts/page/outcome';
import { PageHead } from '../../parts/page/page-head';
import { Loaded } from '../../parts/page/state';
import { useAction } from '../../parts/hooks/use-action';
import { useRequest } from '../../parts/hooks/use-request';
import { useSession } from '../../session';
import { Actions } from './actions';
import { Standing } from './standing';

/** While something is going on, and else, ms. */
const [SOON, LATER] = [2000, 30_000];

/** Where the dashboards of one cluster stand, and what can be done about it. */
export default function ClusterProvisioningPage() {
  const { client } = useApi();
  const { me } = useSession();
  const id = useRoute().params['id'] ?? '';
  const [moving, setMoving] = useState(false);
  const action = useAction();
  const load = useCallback(
    async (signal: AbortSignal) => {
      const found = await client.getGrafanaDashboard(id, { signal });
      setMoving(found.status === 'pending' || found.status === 'deleting');
      return found;
    },
    [client, id],
  );
  const request = useRequest(load, { refreshMs: moving ? SOON : LATER });
  // Whoever holds dashboards of a cluster that is not known here may adopt or remove them.
  const isUnknown = request.error?.code === 404;
  const standing = request.data;
  return (
    <>
      <PageHead
        title={standing?.name ?? id}
        above={{ href: '/provisioning', title: 'Provisioning' }}
      >
        <a class="button" href={`/clusters/${encodeURIComponent(id)}`}>
          Figures
        </a>
      </PageHead>
      <OutcomeNotice outcome={action.outcome} />
      <Loaded request={request}>
        {(found: GrafanaDashboard) => <Standing standing={found} />}
      </Loaded>
      {(standing !== null || isUnknown) && may(me, 'cluster:manage') && (
        <Actions
          id={id}
          standing={isUnknown ? null : standing}
          action={action}
          reload={request.reload}
        />
      )}
    </>
  );
}
