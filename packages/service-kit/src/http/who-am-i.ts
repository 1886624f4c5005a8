import { metricsApi } from '@bud-monitoring/contracts';
import { defineRoute, type Route } from './route.js';

const listed = (values: 'all' | ReadonlySet<string>) => (values === 'all' ? null : [...values]);

/** `GET /me`: what a page asks before it offers anything. */
export function whoAmIRoute(): Route {
  return defineRoute({
    ...metricsApi.whoAmI,
    summary: 'Who is asking, and what it may see and do',
    permission: 'any',
    namespaces: 'own',
    handler: ({ caller }) => ({
      message: caller.subject,
      data: {
        subject: caller.subject,
        kind: caller.kind,
        permissions: [...caller.permissions],
        clusters: listed(caller.clusters),
        namespaces: listed(caller.namespaces),
        expires_at: caller.expiresAt === null ? null : Math.floor(caller.expiresAt / 1000),
      },
    }),
  });
}
