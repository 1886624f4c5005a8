import type { Env } from '../programs/env.js';

/** What somebody else's Grafana and Redis mean for what the demo shows, and what it leaves behind. */
export function foreignNotes(env: Env): string[] {
  return [
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
