import type { Inference as InferenceData, ServedModel } from '@bud-monitoring/contracts';
import { Figure } from '../../../parts/values/figure';
import { Table, type Column } from '../../../parts/table/table';

type Amount = (model: ServedModel) => number | null;

/** The models that the cluster serves. */
export function Inference({ inference }: { inference: InferenceData }) {
  return (
    <section>
      <h2 class="section-title">Models served</h2>
      <Table
        caption="Models served"
        columns={columns}
        rows={inference.models}
        rowKey={({ model, namespace, server }) => `${namespace} ${server} ${model}`}
      />
    </section>
  );
}

const amount = (key: string, title: string, unit: string | undefined, read: Amount) => ({
  key,
  title,
  align: 'end' as const,
  ...(unit !== undefined && { unit }),
  cell: (model: ServedModel) => (
    <Figure
      value={read(model)}
      unit={unit === '/s' || unit === 'tokens/s' ? 'per_second' : 'count'}
      bare
    />
  ),
});

const milliseconds = (seconds: number | null) => (seconds === null ? null : seconds * 1000);

const columns: readonly Column<ServedModel>[] = [
  {
    key: 'model',
    title: 'Model',
    cell: ({ model, namespace, server }) => (
      <>
        {model ?? 'not named'}
        <span class="row-note">
          {server}
          {namespace !== null && ` in ${namespace}`}
        </span>
      </>
    ),
  },
  amount('replicas', 'Replicas', undefined, ({ replicas }) => replicas),
  amount('running', 'Running', undefined, (model) => model.requests_running),
  amount('waiting', 'Waiting', undefined, (model) => model.requests_waiting),
  amount('requests', 'Requests', '/s', (model) => model.requests_per_second),
  amount('errors', 'Errors', '/s', (model) => model.errors_per_second),
  amount('output', 'Output', 'tokens/s', (model) => model.output_tokens_per_second),
  amount('cache', 'Cache', '%', (model) => model.cache_usage_percent),
  amount('first', 'First token p95', 'ms', (model) =>
    milliseconds(model.time_to_first_token_seconds.p95),
  ),
  amount('between', 'Between tokens p95', 'ms', (model) =>
    milliseconds(model.time_between_tokens_seconds.p95),
  ),
];
