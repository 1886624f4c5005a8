import { useEffect, useRef } from 'preact/hooks';
import type { FleetSort } from '@bud-monitoring/contracts';
import type { FleetView } from './fleet-url';

/** After the last key is typed, ms. */
const TYPING_MS = 300;

/** Search of the list, and its order where its heads are not seen. */
export function FleetFilters(props: {
  view: FleetView;
  go: (change: Partial<FleetView>, replace?: boolean) => void;
}) {
  const { view, go } = props;
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    // Not while it is typed in: it is ahead of the URL then.
    if (input.current && input.current !== document.activeElement)
      input.current.value = view.search;
    return () => clearTimeout(timer.current);
  }, [view.search]);
  return (
    <form
      class="filters"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        clearTimeout(timer.current);
        go({ search: input.current?.value ?? '' });
      }}
    >
      <label class="filters-search">
        <span class="visually-hidden">Search by name or id</span>
        <input
          ref={input}
          class="field"
          type="search"
          placeholder="Search by name or id"
          defaultValue={view.search}
          maxLength={100}
          onInput={(event) => {
            const search = event.currentTarget.value;
            clearTimeout(timer.current);
            // One step of the history for all that is typed.
            timer.current = setTimeout(() => go({ search }, view.search !== ''), TYPING_MS);
          }}
        />
      </label>
      <label class="filters-sort">
        Sort by
        <select
          class="field"
          value={`${view.sort} ${view.order}`}
          onChange={(event) => {
            const [sort, order] = event.currentTarget.value.split(' ');
            go({ sort: sort as FleetSort, order: order as FleetView['order'] });
          }}
        >
          {orders.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
    </form>
  );
}

const orders = [
  ['need desc', 'Need'],
  ['name asc', 'Name'],
  ['alerts desc', 'Alerts'],
  ['nodes desc', 'Nodes'],
  ['cpu desc', 'CPU'],
  ['memory desc', 'Memory'],
  ['storage desc', 'Storage'],
] as const;
