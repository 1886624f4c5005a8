import { Problem } from '../parts/page/state';

export function NotFoundPage() {
  return (
    <Problem title="No such page" text="The address leads nowhere.">
      <a href="/">All clusters</a>
    </Problem>
  );
}
