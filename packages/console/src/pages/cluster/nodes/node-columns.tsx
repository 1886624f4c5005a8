import type { NodeDetail } from '@bud-monitoring/contracts';
import { Absent, Figure, Share } from '../../../parts/values/figure';
import { Status, type Tone } from '../../../parts/values/status';
import type { Column } from '../../../parts/table/table';
import { Ago } from '../../../parts/values/time';
import { nameOf, type NodeRow } from './node-rows';

/** `eventsHref`: where the events of a node are. */
export function nodeColumns(eventsHref: (node: string) => string): readonly Column<NodeRow>[] {
  const share = (key: 'cpu' | 'memory' | 'storage', title: string): Column<NodeRow> => ({
    key,
    title,
    unit: '%',
    align: 'end',
    sort: key,
    cell: ({ figures }) => <Share percent={figures[key]?.usage_percent ?? null} />,
  });
  return [
    {
      key: 'name',
      title: 'Node',
      sort: 'name',
      cell: ({ figures }) => (
        <span class="node-name">
          {nameOf(figures)}
          {figures.hostname !== null && <span class="row-note row-id">{figures.node}</span>}
        </span>
      ),
    },
    {
      key: 'status',
      title: 'Status',
      sort: 'status',
      cell: ({ figures, detail }) => (
        <>
          <Readiness detail={detail} />
          {figures.last_seen !== undefined && (
            <span class="row-note">
              last seen <Ago at={figures.last_seen} />
            </span>
          )}
        </>
      ),
    },
    share('cpu', 'CPU'),
    share('memory', 'Memory'),
    share('storage', 'Storage'),
    {
      key: 'network',
      title: 'Network',
      unit: 'Mbit/s',
      align: 'end',
      sort: 'network',
      cell: ({ figures }) => (
        <Figure value={figures.network_bandwidth?.total_mbps} unit="mbps" bare />
      ),
    },
    {
      key: 'pods',
      title: 'Pods',
      unit: 'running / most',
      align: 'end',
      sort: 'pods',
      cell: ({ detail }) =>
        detail ? (
          <>
            <Figure value={detail.pods.current} unit="count" /> /{' '}
            <Figure value={detail.pods.max} unit="count" />
          </>
        ) : (
          <Absent />
        ),
    },
    {
      key: 'events',
      title: 'Events',
      align: 'end',
      sort: 'events',
      cell: ({ figures, detail }) => (
        <a class="node-events" href={eventsHref(figures.node)}>
          <span class="visually-hidden">Events of {nameOf(figures)}: </span>
          {detail?.events_count ?? 'show'}
        </a>
      ),
    },
  ];
}

const tones: Readonly<Record<NodeDetail['status'], Tone>> = {
  Ready: 'good',
  NotReady: 'bad',
  Unknown: 'off',
};

function Readiness({ detail }: { detail: NodeDetail | undefined }) {
  if (!detail) return <Absent />;
  const pressed = Object.entries(detail.conditions)
    .filter(([name, value]) => name !== 'Ready' && value === 'True')
    .map(([name]) => name);
  return (
    <>
      <Status tone={tones[detail.status]}>
        {detail.status === 'NotReady' ? 'Not ready' : detail.status}
      </Status>
      {pressed.length > 0 && <span class="row-note">{pressed.join(', ')}</span>}
    </>
  );
}
