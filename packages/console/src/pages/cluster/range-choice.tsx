import type { TimeRange } from '@bud-monitoring/contracts';
import { useState } from 'preact/hooks';
import { fromWallTime, toWallTime, zoneName } from '../../format/time';
import { useZone } from '../../parts/values/zone';
import { clusterHref, rangeNames, type ClusterView } from './cluster-url';

/** The ranges of the API as links, and a window of one's own. */
export function RangeChoice(props: {
  id: string;
  view: ClusterView;
  go: (change: Partial<ClusterView>) => void;
}) {
  const { id, view, go } = props;
  const [open, setOpen] = useState(false);
  const isOwn = view.range.name === undefined;
  return (
    <div class="ranges">
      <div class="ranges-links" role="group" aria-label="Time range">
        {Object.entries(rangeNames).map(([name, title]) => (
          <a
            key={name}
            href={clusterHref(id, { ...view, range: { name: name as TimeRange } })}
            aria-current={name === view.range.name ? 'true' : undefined}
          >
            {title}
          </a>
        ))}
        <button
          type="button"
          aria-expanded={open || isOwn}
          class={isOwn ? 'ranges-chosen' : undefined}
          onClick={() => setOpen(!open)}
        >
          From … to
        </button>
      </div>
      {(open || isOwn) && <WindowForm key={clusterHref(id, view)} view={view} go={go} />}
    </div>
  );
}

function WindowForm({
  view,
  go,
}: {
  view: ClusterView;
  go: (change: Partial<ClusterView>) => void;
}) {
  const { zone } = useZone();
  const now = Math.floor(Date.now() / 1000);
  const { from = now - 6 * 3600, to = now } = view.range;
  const [problem, setProblem] = useState('');
  return (
    <form
      class="window"
      onSubmit={(event) => {
        event.preventDefault();
        const read = new FormData(event.currentTarget);
        const timeOf = (name: string) => {
          const text = read.get(name);
          return fromWallTime(typeof text === 'string' ? text : '', zone);
        };
        const [start, end] = [timeOf('from'), timeOf('to')];
        if (start < end) go({ range: { from: start, to: end } });
        else setProblem('The first time must be before the second one');
      }}
    >
      <label>
        From
        <input
          class="field"
          type="datetime-local"
          name="from"
          required
          defaultValue={toWallTime(from, zone)}
        />
      </label>
      <label>
        to
        <input
          class="field"
          type="datetime-local"
          name="to"
          required
          defaultValue={toWallTime(to, zone)}
        />
      </label>
      <span class="soft">{zoneName(zone, to)}</span>
      <button class="button">Show</button>
      {problem !== '' && <span role="alert">{problem}</span>}
    </form>
  );
}
