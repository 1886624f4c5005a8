/** The fleet's live figures as a process of its own; prints `ready <url>`. */
import { systemClock } from '@bud-monitoring/client';
import { z } from 'zod';
import { benchFleet } from './clusters/bench-fleet.js';
import { demoFleet } from './clusters/demo-fleet.js';
import { startExporter } from './exporter.js';
import { fleetSeries } from './series/fleet-series.js';

const env = z
  .object({
    HOST: z.string().default('127.0.0.1'),
    PORT: z.coerce.number().int().min(0).max(65_535).default(0),
    /** Unix seconds: the anchor that the history was written with. */
    FLEET_ANCHOR: z.coerce.number().positive(),
    FLEET_SEED: z.coerce.number().int().default(1),
    /** One cluster of this many nodes in place of the demo's. */
    FLEET_NODES: z.coerce.number().int().positive().optional(),
  })
  .parse(process.env);

const options = { anchor: env.FLEET_ANCHOR, seed: env.FLEET_SEED };
const fleet =
  env.FLEET_NODES === undefined
    ? demoFleet(options)
    : benchFleet({ ...options, nodes: env.FLEET_NODES });
const exporter = await startExporter({
  series: fleetSeries(fleet),
  clock: systemClock,
  host: env.HOST,
  port: env.PORT,
});
process.stdout.write(`ready ${exporter.url}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void exporter.close());
