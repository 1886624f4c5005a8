import type { DeadLetterDetails } from '@bud-monitoring/contracts';
import { useLocation, useRoute } from 'preact-iso';
import { useCallback, useState } from 'preact/hooks';
import { useApi } from '../../app/api';
import { may } from '../../app/may';
import { Confirm } from '../../parts/page/dialog';
import { OutcomeNotice } from '../../parts/page/outcome';
import { PageHead } from '../../parts/page/page-head';
import { Loaded } from '../../parts/page/state';
import { useAction } from '../../parts/hooks/use-action';
import { useRequest } from '../../parts/hooks/use-request';
import { useSession } from '../../session';
import { Letter } from './letter';

/** An event that was not taken, with its text; it can be taken again, or dropped. */
export default function DeadLetterPage() {
  const { client } = useApi();
  const { me } = useSession();
  const { route } = useLocation();
  const id = useRoute().params['id'] ?? '';
  const [asked, ask] = useState(false);
  const { act, busy, outcome } = useAction();
  const load = useCallback(
    (signal: AbortSignal) => client.getDeadLetter(id, { signal }),
    [client, id],
  );
  const request = useRequest(load);
  const replay = async () => {
    await act(async () => {
      await client.replayDeadLetter(id);
      return 'The event was taken, at its original time.';
    });
    request.reload();
  };
  const drop = async () => {
    const isDropped = await act(async () => {
      await client.deleteDeadLetter(id);
      return 'Dropped.';
    });
    ask(false);
    if (isDropped) route('/dead-letters');
  };
  return (
    <>
      <PageHead title="Dead letter" above={{ href: '/dead-letters', title: 'Dead letters' }}>
        {request.data !== null && may(me, 'cluster:manage') && (
          <>
            {!request.data.truncated && (
              <button type="button" class="button" disabled={busy} onClick={() => void replay()}>
                Replay
              </button>
            )}
            <button
              type="button"
              class="button button-danger"
              disabled={busy}
              onClick={() => ask(true)}
            >
              Drop
            </button>
          </>
        )}
      </PageHead>
      <OutcomeNotice outcome={outcome} />
      <Loaded request={request}>{(letter: DeadLetterDetails) => <Letter letter={letter} />}</Loaded>
      {asked && (
        <Confirm
          title="Drop this event?"
          action="Drop"
          busy={busy}
          confirm={() => void drop()}
          cancel={() => ask(false)}
        >
          <p>It is deleted with its text, and cannot be replayed any more.</p>
        </Confirm>
      )}
    </>
  );
}
