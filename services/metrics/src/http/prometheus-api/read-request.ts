import type { ClusterId } from '@bud-monitoring/contracts';
import { namespacesOf, readForm, type Caller } from '@bud-monitoring/service-kit';
import type { Request } from 'express';
import { readParameters, type Parameters } from '../../domain/prometheus-api/request/parameters.js';
import { createReach, type Reach } from '../../domain/prometheus-api/scoping/reach.js';

/** Parameters of a request: of its URL, and of its form where it is a POST. */
export async function parametersOf(request: Request): Promise<Parameters> {
  const mark = request.originalUrl.indexOf('?');
  const inUrl = new URLSearchParams(mark < 0 ? '' : request.originalUrl.slice(mark + 1));
  if (request.method !== 'POST') return readParameters(inUrl);
  return readParameters(inUrl, await readForm(request));
}

/** What a caller may see of a cluster: all of it, or the namespaces of the token. */
export function reachOf(caller: Caller, cluster: ClusterId): Reach {
  return createReach({ cluster, ...limitOf(namespacesOf(caller, cluster)) }, cluster);
}

/** Of callers that are known: a token may name a thousand clusters. */
const fleetReaches = new WeakMap<Caller, Reach>();

/** What a caller may see of the fleet: all of it, or the clusters and namespaces of the token. */
export function fleetReachOf(caller: Caller): Reach {
  const reach = fleetReaches.get(caller) ?? readFleetReach(caller);
  fleetReaches.set(caller, reach);
  return reach;
}

function readFleetReach(caller: Caller): Reach {
  const { clusters, namespaces } = caller;
  if (clusters === 'all') return createReach({ clusters, ...limitOf(namespaces) });
  const named = [...clusters].map(
    (id) => [id, limitOf(namespacesOf(caller, id)).namespaces] as const,
  );
  return createReach({ clusters: new Map(named) });
}

function limitOf(namespaces: 'all' | ReadonlySet<string>): { namespaces?: readonly string[] } {
  return namespaces === 'all' ? {} : { namespaces: [...namespaces] };
}
