import type { DashboardStatus } from '@bud-monitoring/contracts';
import { useLocation } from 'preact-iso';
import { statuses } from './statuses';

/** Which clusters are listed; what is chosen stands in the URL. */
export function Filters(props: { status: DashboardStatus | undefined; search: string }) {
  const { route } = useLocation();
  const choose = (form: HTMLFormElement) => {
    const chosen = [...new FormData(form)].filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '',
    );
    route(`/provisioning?${new URLSearchParams(chosen).toString()}`);
  };
  return (
    <form
      class="page-tools"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        choose(event.currentTarget);
      }}
    >
      <input
        class="field"
        type="search"
        name="search"
        placeholder="Name or id"
        aria-label="Search by name or id"
        defaultValue={props.search}
      />
      <select
        class="field"
        name="status"
        aria-label="Status"
        value={props.status ?? ''}
        onChange={({ currentTarget: { form } }) => form && choose(form)}
      >
        <option value="">All known clusters</option>
        {Object.entries(statuses).map(([name, { word }]) => (
          <option key={name} value={name}>
            {word}
          </option>
        ))}
      </select>
      <button class="button">Search</button>
    </form>
  );
}
