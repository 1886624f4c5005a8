/** The fake Grafana as a process of its own; prints `ready <url>`. */
import { z } from 'zod';
import { startFakeGrafana } from './server.js';

const env = z
  .object({
    HOST: z.string().default('127.0.0.1'),
    PORT: z.coerce.number().int().min(0).max(65_535).default(0),
    GRAFANA_USERNAME: z.string().default('admin'),
    GRAFANA_PASSWORD: z.string().default('admin'),
    GRAFANA_DIALECT: z.enum(['9.4', 'later']).default('9.4'),
    PROMETHEUS_URL: z.url().optional(),
    STATE_FILE: z.string().optional(),
  })
  .parse(process.env);

const fake = await startFakeGrafana({
  host: env.HOST,
  port: env.PORT,
  dialect: env.GRAFANA_DIALECT,
  users: [{ login: env.GRAFANA_USERNAME, password: env.GRAFANA_PASSWORD }],
  prometheusUrl: env.PROMETHEUS_URL?.replace(/\/$/, ''),
  stateFile: env.STATE_FILE,
});
process.stdout.write(`ready ${fake.url}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void fake.close());
