import type { HealthOfService } from '@bud-monitoring/browser';
import type { ComponentHealth } from '@bud-monitoring/contracts';
import { useCallback } from 'preact/hooks';
import { useApi } from '../../app/api';
import { Loaded } from '../../parts/page/state';
import { Status, type Tone } from '../../parts/values/status';
import { Table, type Column } from '../../parts/table/table';
import { useRequest } from '../../parts/hooks/use-request';
import './health.css';

const tones: Readonly<Record<ComponentHealth['status'], Tone>> = {
  healthy: 'good',
  degraded: 'warning',
  unhealthy: 'bad',
  unknown: 'off',
};

const columns: readonly Column<[part: string, health: ComponentHealth]>[] = [
  { key: 'part', title: 'Part', cell: ([part]) => part.replaceAll('_', ' ') },
  {
    key: 'status',
    title: 'Status',
    cell: ([, { status }]) => <Status tone={tones[status]}>{status}</Status>,
  },
  { key: 'details', title: 'Details', cell: ([, { details }]) => <Details details={details} /> },
];

/** The parts that one service depends on. */
export function ServiceHealth(props: { service: HealthOfService; title: string }) {
  const { service, title } = props;
  const { health } = useApi();
  const load = useCallback((signal: AbortSignal) => health(service, { signal }), [health, service]);
  const request = useRequest(load, { refreshMs: 15_000 });
  return (
    <section class="health">
      <h2>{title}</h2>
      <Loaded request={request}>
        {(parts) => (
          <Table
            caption={`What ${title} depends on`}
            columns={columns}
            rows={Object.entries(parts)}
            rowKey={([part]) => part}
          />
        )}
      </Loaded>
    </section>
  );
}

/** Texts as they are, several one after the other; what is none as JSON. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.map(textOf).join('; ') : JSON.stringify(value);
}

function Details({ details }: { details: ComponentHealth['details'] }) {
  return (
    <ul class="health-details">
      {Object.entries(details).map(([name, value]) => (
        <li key={name}>
          <span class="soft">{name.replaceAll('_', ' ')}</span> {textOf(value)}
        </li>
      ))}
    </ul>
  );
}
