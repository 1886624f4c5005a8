import type { DeadLetter } from '@bud-monitoring/contracts';
import { useCallback, useState } from 'preact/hooks';
import { useApi } from '../../app/api';
import { may } from '../../app/may';
import { Confirm } from '../../parts/page/dialog';
import { Absent } from '../../parts/values/figure';
import { OutcomeNotice } from '../../parts/page/outcome';
import { PageHead } from '../../parts/page/page-head';
import { Pager } from '../../parts/table/pager';
import { Empty, Loaded } from '../../parts/page/state';
import { Table, type Column } from '../../parts/table/table';
import { Ago } from '../../parts/values/time';
import { useAction } from '../../parts/hooks/use-action';
import { useCursorPage } from '../../parts/hooks/use-cursor-page';
import { useRequest } from '../../parts/hooks/use-request';
import { useSession } from '../../session';

const SIZE = 50;

const columns: readonly Column<DeadLetter>[] = [
  {
    key: 'topic',
    title: 'Topic',
    cell: ({ id, topic }) => <a href={`/dead-letters/${id}`}>{topic}</a>,
  },
  { key: 'received', title: 'Came', cell: ({ received_at }) => <Ago at={received_at} /> },
  { key: 'reason', title: 'Why it was not taken', cell: ({ reason }) => reason },
  {
    key: 'cluster',
    title: 'Cluster',
    cell: ({ cluster_id }) => (cluster_id === null ? <Absent /> : <code>{cluster_id}</code>),
  },
  {
    key: 'replayed',
    title: 'Replayed',
    cell: ({ replayed_at }) => (replayed_at === null ? 'no' : <Ago at={replayed_at} />),
  },
];

/** Events that were not taken, the newest first. */
export default function DeadLettersPage() {
  const { client } = useApi();
  const { me } = useSession();
  const { page, cursor, links } = useCursorPage();
  const [asked, ask] = useState(false);
  const { act, busy, outcome } = useAction();
  const load = useCallback(
    (signal: AbortSignal) => client.listDeadLetters({ limit: SIZE, cursor }, { signal }),
    [client, cursor],
  );
  const request = useRequest(load, { refreshMs: 15_000 });
  const total = request.data?.total ?? 0;
  const dropAll = async () => {
    await act(async () => `${(await client.deleteDeadLetters()).deleted} dead letters dropped.`);
    ask(false);
    request.reload();
  };
  return (
    <>
      <PageHead title="Dead letters">
        {total > 0 && may(me, 'cluster:manage') && (
          <button type="button" class="button button-danger" onClick={() => ask(true)}>
            Drop all
          </button>
        )}
      </PageHead>
      <OutcomeNotice outcome={outcome} />
      <Loaded request={request}>
        {({ dead_letters: letters, next }) =>
          letters.length === 0 && page === 1 ? (
            <Empty>Every event was taken.</Empty>
          ) : (
            <>
              <Table
                caption="Events that were not taken"
                columns={columns}
                rows={letters}
                rowKey={({ id }) => id}
              />
              <Pager
                page={page}
                size={SIZE}
                shown={letters.length}
                total={total}
                what="dead letters"
                {...links(next)}
              />
            </>
          )
        }
      </Loaded>
      {asked && (
        <Confirm
          title={`Drop all ${total} dead letters?`}
          action="Drop all"
          busy={busy}
          confirm={() => void dropAll()}
          cancel={() => ask(false)}
        >
          <p>They are deleted with their texts, and cannot be replayed any more.</p>
        </Confirm>
      )}
    </>
  );
}
