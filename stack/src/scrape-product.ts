import type { Stack } from './options.js';
import type { ScrapeConfig } from './servers/prometheus.js';

/** Scrapes of both services, and of their sidecars, which count what goes to Redis. */
export function productScrapes(stack: Stack, interval = '5s'): ScrapeConfig[] {
  return ['bud-metrics', 'bud-dashboard'].flatMap((appId) => {
    const { url, sidecar } = stack.app(appId);
    const scrape = (job: string, target: string): ScrapeConfig => ({
      job_name: job,
      scrape_interval: interval,
      scrape_timeout: interval,
      static_configs: [{ targets: [target] }],
    });
    return [scrape(appId, new URL(url).host), scrape(`${appId}-daprd`, sidecar.metricsAddress)];
  });
}
