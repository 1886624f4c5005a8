import type { RequestOptions } from './client.js';

/**
 * All pages of a list, one after the other, each asked for when it is needed:
 * `for await (const { clusters } of pages(client.listClusters, { sort: 'cpu' }))`.
 */
export async function* pages<
  Query extends { cursor?: string | undefined },
  Page extends { readonly next: string | null },
>(
  list: (query?: Query, options?: RequestOptions) => Promise<Page>,
  query?: NoInfer<Query>,
  options?: RequestOptions,
): AsyncGenerator<Page, void, undefined> {
  let asked = query;
  for (;;) {
    const page = await list(asked, options);
    yield page;
    if (page.next === null) return;
    asked = { ...(asked as Query), cursor: page.next };
  }
}
