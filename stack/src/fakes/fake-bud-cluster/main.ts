/** The fake bud-cluster as a process of its own; prints `ready <url>`, and `control <url>` if there is one. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { startFakeBudCluster } from './server.js';
import { fleetSchema } from './types.js';

const port = z.coerce.number().int().min(0).max(65_535).default(0);
const env = z
  .object({
    HOST: z.string().default('127.0.0.1'),
    PORT: port,
    FLEET_FILE: z.string(),
    APP_API_TOKEN: z.string().optional(),
    CONTROL_TOKEN: z.string().optional(),
    CONTROL_PORT: port,
    ENVELOPE: z.enum(['original', 'seed']).default('original'),
    HARDWARE_SHAPE: z.enum(['2025', '2026']).default('2025'),
  })
  .parse(process.env);

const fake = await startFakeBudCluster({
  fleet: fleetSchema.parse(JSON.parse(readFileSync(env.FLEET_FILE, 'utf8'))),
  host: env.HOST,
  port: env.PORT,
  envelope: env.ENVELOPE,
  hardwareShape: env.HARDWARE_SHAPE,
  appApiToken: env.APP_API_TOKEN,
  control:
    env.CONTROL_TOKEN === undefined
      ? undefined
      : { token: env.CONTROL_TOKEN, port: env.CONTROL_PORT },
});
if (fake.controlUrl !== undefined) process.stdout.write(`control ${fake.controlUrl}\n`);
process.stdout.write(`ready ${fake.url}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void fake.close());
