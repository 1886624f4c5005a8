import type { ComponentChildren } from 'preact';
import './status.css';

/** What a status means for whoever looks: never by its colour alone. */
export type Tone = 'good' | 'warning' | 'bad' | 'off';

/** A status in a word, with a shape of its own for each tone. */
export function Status({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return (
    <span class={`status status-${tone}`}>
      <svg class="status-shape" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
        {shapes[tone]}
      </svg>
      {children}
    </span>
  );
}

const shapes: Readonly<Record<Tone, ComponentChildren>> = {
  good: <circle cx="6" cy="6" r="4" />,
  warning: <path d="M6 1 11.5 11H.5Z" />,
  bad: <path d="M3.5 .8h5L11.2 3.5v5L8.5 11.2h-5L.8 8.5v-5Z" />,
  off: <circle class="status-hollow" cx="6" cy="6" r="3.7" />,
};
