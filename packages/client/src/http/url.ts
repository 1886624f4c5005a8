/** Query parameters by name; one that repeats has several values. */
export type Query = Record<string, string | readonly string[]>;

export { pathSegment } from '@bud-monitoring/contracts/calls';

/** The base URL without trailing slashes; throws a `TypeError` for one with credentials or a query. */
export function checkedBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new TypeError('a base URL must start with http:// or https:// and name a host');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError('a base URL holds neither credentials nor a query');
  }
  return url.href.replace(/\/+$/, '');
}

/** The query with its question mark; empty where there are no parameters. */
export function queryText(query: Query | undefined): string {
  if (query === undefined) return '';
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of typeof value === 'string' ? [value] : value) parameters.append(name, one);
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}
