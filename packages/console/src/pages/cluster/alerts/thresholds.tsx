import type { ClusterThresholds } from '@bud-monitoring/contracts';
import { useCallback, useState } from 'preact/hooks';
import { useApi } from '../../../app/api';
import { may } from '../../../app/may';
import { Confirm } from '../../../parts/page/dialog';
import { OutcomeNotice } from '../../../parts/page/outcome';
import { Loaded } from '../../../parts/page/state';
import { useAction } from '../../../parts/hooks/use-action';
import { useRequest } from '../../../parts/hooks/use-request';
import { useSession } from '../../../session';
import { alertNames } from './alert-names';
import { levelled, overridesOf, problemOf, readThresholds } from './threshold-form';
import './thresholds.css';

/** From which values on a cluster has alerts; to change for those who may. */
export function Thresholds({ id }: { id: string }) {
  const { client } = useApi();
  const load = useCallback(
    (signal: AbortSignal) => client.getAlertThresholds(id, { signal }),
    [client, id],
  );
  const request = useRequest(load);
  return (
    <section class="panel" aria-label="Thresholds">
      <div class="panel-head">
        <h2>Thresholds</h2>
        <p class="soft">An alert fires at or above its value.</p>
      </div>
      <Loaded request={request}>
        {(thresholds) => <Form id={id} thresholds={thresholds} changed={request.reload} />}
      </Loaded>
    </section>
  );
}

function Form(props: { id: string; thresholds: ClusterThresholds; changed: () => void }) {
  const { id, thresholds, changed } = props;
  const { client } = useApi();
  const mayChange = may(useSession().me, 'cluster:manage');
  const { busy, outcome, act } = useAction();
  const [problem, setProblem] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);

  const change = async (work: () => Promise<unknown>, done: string) => {
    const isDone = await act(async () => {
      await work();
      return done;
    });
    setAsking(false);
    if (isDone) changed();
  };
  const save = (form: HTMLFormElement) => {
    const wanted = readThresholds(new FormData(form));
    const found = problemOf(wanted);
    setProblem(found);
    const overrides = overridesOf(wanted, thresholds);
    if (found === null && Object.keys(overrides).length > 0)
      void change(() => client.putAlertThresholds(id, overrides), 'Saved.');
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save(event.currentTarget);
      }}
    >
      {/* Another answer is another form: what stands in its fields begins anew. */}
      <fieldset key={JSON.stringify(thresholds)} class="thresholds" disabled={!mayChange || busy}>
        <legend class="visually-hidden">Thresholds of this cluster</legend>
        <Levels thresholds={thresholds} mayChange={mayChange} />
        <label class="threshold-switch">
          <input
            type="checkbox"
            name="node_not_ready"
            defaultChecked={thresholds.thresholds.node_not_ready.enabled}
          />
          {alertNames.node_not_ready}
          <Own is={thresholds.overridden.includes('node_not_ready')} />
        </label>
      </fieldset>
      {problem !== null && <p role="alert">{problem}</p>}
      <OutcomeNotice outcome={outcome} />
      {mayChange ? (
        <div class="threshold-actions">
          <button class="button button-primary" disabled={busy}>
            Save
          </button>
          <button
            type="button"
            class="button"
            disabled={busy || thresholds.overridden.length === 0}
            onClick={() => setAsking(true)}
          >
            Back to the defaults
          </button>
        </div>
      ) : (
        <p class="soft">Changing them needs the permission cluster:manage.</p>
      )}
      {asking && (
        <Confirm
          title="Back to the defaults?"
          action="Take back"
          busy={busy}
          confirm={() =>
            void change(() => client.resetAlertThresholds(id), 'As configured for all.')
          }
          cancel={() => setAsking(false)}
        >
          The cluster loses the thresholds that it has of its own, and follows those that are
          configured for all clusters.
        </Confirm>
      )}
    </form>
  );
}

function Levels(props: { thresholds: ClusterThresholds; mayChange: boolean }) {
  const { thresholds, overridden } = props.thresholds;
  return (
    <table class="threshold-table">
      <thead>
        <tr>
          <th scope="col">What is watched</th>
          <th scope="col">Warning</th>
          <th scope="col">Critical</th>
        </tr>
      </thead>
      <tbody>
        {levelled.map(([metric, unit]) => (
          <tr key={metric}>
            <th scope="row">
              {alertNames[metric]} <span class="soft">{unit}</span>
              <Own is={overridden.includes(metric)} />
            </th>
            {(['warning', 'critical'] as const).map((level) => (
              <td key={level}>
                {props.mayChange ? (
                  <input
                    class="field"
                    type="number"
                    step="any"
                    min="0"
                    max={unit === '%' ? 100 : undefined}
                    required
                    name={`${metric}.${level}`}
                    aria-label={`${alertNames[metric]}, ${level}, ${unit}`}
                    defaultValue={String(thresholds[metric][level])}
                  />
                ) : (
                  thresholds[metric][level].toLocaleString('en')
                )}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Marks what is not as configured for all clusters. */
function Own({ is }: { is: boolean }) {
  return is ? <span class="own">of this cluster</span> : null;
}
