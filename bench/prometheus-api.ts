import { cpus, loadavg } from 'node:os';
import { keepResults, Rows } from './rows.js';
import { compareDashboard, crowd } from './scoped/dashboard.js';
import { compareClaim } from './scoped/claim.js';
import { compareThroughput } from './scoped/throughput.js';
import { measureScoping } from './scoped/speed.js';
import { startScopedStand } from './scoped/setup.js';

/** The scoped Prometheus API beside prom-label-proxy, Thanos' query-frontend and the bare store, on one Prometheus. */
const refreshes = Number(process.argv[2] ?? 8);

const rows = new Rows();
await measureScoping(rows);
await using stand = await startScopedStand();
const load = loadavg()[0]?.toFixed(1) ?? '';
await compareThroughput(rows, stand);
await compareClaim(rows, stand);
await crowd(rows, stand);
await compareDashboard(rows, stand, refreshes);

const document = rows.document('The scoped Prometheus API', [
  `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, Prometheus 3.16.0, prom-label-proxy 0.15.0, Thanos 0.42.5;`,
  `${cpus().length} cores shared by everything (load ${load} when the stand was up): the store, both proxies and the client.`,
  'All keep their connections; the client is the same, a bare one. Made by `npm run bench:prometheus-api`.',
]);
await keepResults('prometheus-api', document);
console.log(document);
