import { createDapr } from '@bud-monitoring/client/dapr';
import { createGrafanaClient } from '@bud-monitoring/client/grafana';
import { readStoredSecrets } from '@bud-monitoring/service-kit';
import { dashboardEnv, readDashboardConfig } from '../config.js';
import { announce, findOriginals } from './adopt-originals.js';

// Run beside bud-dashboard, with its environment (docs/upgrade.md): lists what the original left in
// Grafana, and with --yes hands it to the services.
try {
  const config = readDashboardConfig(await readStoredSecrets(dashboardEnv, process.env));
  const originals = await findOriginals(createGrafanaClient(config.grafana));
  for (const { id, name, isShared } of originals)
    process.stdout.write(`${id}  ${isShared ? 'with a link   ' : 'without a link'}  ${name}\n`);
  if (process.argv.includes('--yes')) {
    const { baseUrl, apiToken, pubsubName } = config.dapr;
    const dapr = createDapr({ baseUrl, apiToken });
    await announce(originals, { dapr, pubsub: pubsubName }).finally(() => dapr.stop());
    process.stdout.write(`${originals.length} clusters were announced\n`);
  } else {
    process.stdout.write(`${originals.length} dashboards of the original; --yes adopts them\n`);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
