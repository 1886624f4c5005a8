import { useLocation } from 'preact-iso';

/** Addresses of the pages around one; null where there is none, or where nobody knows where it begins. */
export interface PageLinks {
  first: string | null;
  previous: string | null;
  next: string | null;
}

/** Where the pages begin that were seen: a cursor leads only onwards. */
const seen = new Map<string, string>();

/** Which page of a list the URL names, from 1 on. `links` takes the `next` of the API's answer. */
export function useCursorPage(): {
  page: number;
  cursor: string | undefined;
  links: (next: string | null) => PageLinks;
} {
  const { url } = useLocation();
  const { pathname, searchParams } = new URL(url, location.origin);
  const cursor = searchParams.get('cursor') ?? undefined;
  const named = Number(searchParams.get('page'));
  const page = cursor !== undefined && Number.isInteger(named) && named > 1 ? named : 1;
  searchParams.delete('cursor');
  searchParams.delete('page');
  const query = searchParams.toString();
  const addressOf = (other: number, start?: string) => {
    const text = new URLSearchParams(query);
    if (start !== undefined) {
      text.set('page', String(other));
      text.set('cursor', start);
    }
    return text.size === 0 ? pathname : `${pathname}?${text.toString()}`;
  };
  const keyOf = (other: number) => `${other} ${pathname}?${query}`;
  if (cursor !== undefined) seen.set(keyOf(page), cursor);
  return {
    page,
    cursor,
    links: (next) => {
      const before = seen.get(keyOf(page - 1));
      const previous = page === 2 || before !== undefined ? addressOf(page - 1, before) : null;
      return {
        first: page > 1 ? addressOf(1) : null,
        previous: page > 1 ? previous : null,
        next: next === null ? null : addressOf(page + 1, next),
      };
    },
  };
}
