import type { Env } from '../programs/env.js';

/** Notes on environment variables: which are not used, and which external systems keep data. */
export function environmentNotes(env: Env): string[] {
  const identity = Object.keys(env).filter((name) => name.startsWith('AUTH_'));
  return [
    ...(identity.length > 0
      ? [`Not used: ${identity.join(', ')}. The demo's services trust an issuer of its own.`]
      : []),
    ...(env['GRAFANA_URL']
      ? [
          'GRAFANA_URL is set: the dashboards were written there and stay when the demo ends. Their ' +
            "panels show data only if that Grafana's data source reads this store.",
        ]
      : []),
    ...(env['REDIS_HOST']
      ? ['REDIS_HOST is set: what the dashboards should be stays in that Redis when the demo ends.']
      : []),
  ];
}
