import { firstPage, fleetHref, type FleetView } from './fleet-url';

/** Where the pages begin that were seen: a cursor leads only onwards. */
const cursors = new Map<string, string>();

const keyOf = (view: FleetView, page: number) => `${page} ${fleetHref(firstPage(view))}`;

/** Notes where the page after this one begins. */
export function noteNext(view: FleetView, next: string | null): void {
  if (view.cursor !== undefined) cursors.set(keyOf(view, view.page), view.cursor);
  if (next !== null) cursors.set(keyOf(view, view.page + 1), next);
}

/** The URL of the page before; null on the first one, or if nobody came by it. */
export function previousHref(view: FleetView): string | null {
  if (view.page <= 1) return null;
  if (view.page === 2) return fleetHref(firstPage(view));
  const cursor = cursors.get(keyOf(view, view.page - 1));
  return cursor === undefined ? null : fleetHref({ ...view, page: view.page - 1, cursor });
}
