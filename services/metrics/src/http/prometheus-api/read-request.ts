import type { ClusterId } from '@bud-monitoring/contracts';
import { readForm, type Caller } from '@bud-monitoring/service-kit';
import type { Request } from 'express';
import { readParameters, type Parameters } from '../../domain/prometheus-api/request/parameters.js';
import type { Reach } from '../../domain/prometheus-api/scoping/reach.js';

/** Parameters of a request: of its URL, and of its form where it is a POST. */
export async function parametersOf(request: Request): Promise<Parameters> {
  const mark = request.originalUrl.indexOf('?');
  const inUrl = new URLSearchParams(mark < 0 ? '' : request.originalUrl.slice(mark + 1));
  if (request.method !== 'POST') return readParameters(inUrl);
  return readParameters(inUrl, await readForm(request));
}

/** What a caller may see of a cluster: all of it, or the namespaces of the token. */
export function reachOf({ namespaces }: Caller, cluster: ClusterId): Reach {
  return namespaces === 'all' ? { cluster } : { cluster, namespaces: [...namespaces] };
}
