import type { DeadLetterDetails } from '@bud-monitoring/contracts';
import { Absent } from '../../parts/values/figure';
import { Facts } from '../../parts/values/facts';
import { Time } from '../../parts/values/time';
import './letter.css';
import { indented } from './indented';

/** What is known of an event, and its text. */
export function Letter({ letter }: { letter: DeadLetterDetails }) {
  const { topic, reason, cluster_id, source, event_id, received_at, replayed_at } = letter;
  const orAbsent = (text: string | null) => (text === null ? <Absent /> : <code>{text}</code>);
  return (
    <>
      <Facts
        rows={[
          ['Why it was not taken', reason],
          ['Topic', topic],
          ['Came', <Time at={received_at} />],
          ['Replayed', replayed_at === null ? 'not yet' : <Time at={replayed_at} />],
          ['Cluster', orAbsent(cluster_id)],
          ['Source', orAbsent(source)],
          ['Event id', orAbsent(event_id)],
          ['Size', `${letter.bytes.toLocaleString('en')} bytes`],
        ]}
      />
      <h2>Text</h2>
      {letter.truncated && (
        <p class="soft">
          Only the first part was stored, as the event is large: it cannot be replayed.
        </p>
      )}
      <pre class="letter-text" tabIndex={0} aria-label="Text of the event">
        {indented(letter.message)}
      </pre>
    </>
  );
}
