import type { ComponentChildren } from 'preact';
import './tiles.css';

/** A number that leads to what it counts. */
export interface Tile {
  key: string;
  href: string;
  /** Whether what it counts is what is shown. */
  current: boolean;
  /** Already for people. */
  number: string;
  name: ComponentChildren;
}

/** Numbers above a list, each of which narrows it. */
export function Tiles({ label, tiles }: { label: string; tiles: readonly Tile[] }) {
  return (
    <ul class="tiles" aria-label={label}>
      {tiles.map(({ key, href, current, number, name }) => (
        <li key={key}>
          <a class="tile" href={href} aria-current={current ? 'true' : undefined}>
            <span class="tile-number">{number}</span>
            {name}
          </a>
        </li>
      ))}
    </ul>
  );
}
