import type { ClusterMetrics, MetricName, Summary } from '@bud-monitoring/contracts';
import type { ComponentChildren } from 'preact';
import type { Unit } from '../../../format/figure';
import { Change, Figure, Share } from '../../../parts/values/figure';
import { Status } from '../../../parts/values/status';

/** The figures of all nodes together. */
export function Cards({ metrics }: { metrics: ClusterMetrics }) {
  const { cluster_summary: summary, coverage } = metrics;
  const { cpu, memory, storage, network_in: inbound, network_out: outbound, power, gpu } = summary;
  return (
    <ul class="cards" aria-label="Figures of the cluster">
      <Card
        title="Nodes reporting"
        note={<Partial missing={coverage.nodes_expected - coverage.nodes_reporting} />}
      >
        <Figure value={coverage.nodes_reporting} unit="count" />
        <span class="card-of"> of {coverage.nodes_expected}</span>
      </Card>
      <Card title="CPU" {...changeOf(metrics, 'cpu')} share={cpu?.usage_percent}>
        <Figure value={cpu?.usage_percent} unit="percent" />
        <Of value={cpu?.cores} unit="cores" />
      </Card>
      {sizes.map(([name, title]) => {
        const figures = { memory, storage }[name];
        return (
          <Card
            key={name}
            title={title}
            {...changeOf(metrics, name)}
            share={figures?.usage_percent}
          >
            <Figure value={figures?.used_gib} unit="gib" />
            <Of value={figures?.total_gib} unit="gib" />
          </Card>
        );
      })}
      <Card title="Network" {...changeOf(metrics, 'network_in')}>
        <Figure value={inbound?.inbound_mbps} unit="mbps" />
        <span class="card-of">
          {' '}
          in, <Figure value={outbound?.outbound_mbps} unit="mbps" /> out
        </span>
      </Card>
      <Card title="Energy" {...changeOf(metrics, 'power')}>
        <Figure value={power?.total_kwh} unit="kwh" />
        <span class="card-of">
          , mean <Figure value={power?.average_watts} unit="watts" />
        </span>
      </Card>
      {gpu ? (
        <Card title="GPUs" {...changeOf(metrics, 'gpu')} share={gpu.utilization_percent}>
          <Figure value={gpu.utilization_percent} unit="percent" />
          <span class="card-of">
            , <Figure value={gpu.memory_used_gib} unit="gib" />
            <Of value={gpu.memory_total_gib} unit="gib" />
          </span>
        </Card>
      ) : (
        <Card title="GPUs" note="none is seen">
          <Figure value={null} unit="percent" />
        </Card>
      )}
      <Workloads workloads={summary.workloads} />
    </ul>
  );
}

const sizes = [
  ['memory', 'Memory'],
  ['storage', 'Storage'],
] as const;

function Card(props: {
  title: string;
  children: ComponentChildren;
  note?: ComponentChildren;
  share?: number | null | undefined;
}) {
  const { title, children, note, share } = props;
  return (
    <li class="card">
      <h2>{title}</h2>
      <p class="card-figure">{children}</p>
      {share !== undefined && share !== null && <Share percent={share} unit />}
      {note && <p class="card-note">{note}</p>}
    </li>
  );
}

function Of({ value, unit }: { value: number | null | undefined; unit: Unit }) {
  return (
    <span class="card-of">
      {' '}
      of <Figure value={value} unit={unit} />
    </span>
  );
}

const points: readonly MetricName[] = ['cpu', 'memory', 'storage', 'gpu'];

/** The change of a metric, or why there is no figure. */
function changeOf(metrics: ClusterMetrics, name: MetricName): { note: ComponentChildren } {
  const change = metrics.cluster_summary[name]?.change_percent ?? null;
  const warning = metrics.warnings.find(({ metric }) => metric === name);
  const isPoints = points.includes(name);
  return {
    note: (
      <>
        {change !== null && (
          <span>
            <Change value={change} points={isPoints} /> vs. before
          </span>
        )}
        {warning && (
          <span title={warning.message}>
            <Status tone="warning">{change === null ? 'see the warnings' : 'partial'}</Status>
          </span>
        )}
      </>
    ),
  };
}

/** Whether the figures speak of all nodes. */
function Partial({ missing }: { missing: number }) {
  if (missing <= 0) return <Status tone="good">complete</Status>;
  return <Status tone="warning">partial, without {missing}</Status>;
}

function Workloads({ workloads }: { workloads: Summary['workloads'] }) {
  if (!workloads)
    return (
      <Card title="Pods running">
        <Figure value={null} unit="count" />
      </Card>
    );
  const others = [
    ['deployments', workloads.deployments],
    ['stateful sets', workloads.statefulsets],
    ['daemon sets', workloads.daemonsets],
    ['jobs', workloads.jobs],
  ] as const;
  return (
    <Card
      title="Pods running"
      note={others
        .filter(([, count]) => count !== null)
        .map(([name, count]) => `${count} ${name}`)
        .join(', ')}
    >
      <Figure value={workloads.pods_running} unit="count" />
      <Of value={workloads.pods} unit="count" />
    </Card>
  );
}
