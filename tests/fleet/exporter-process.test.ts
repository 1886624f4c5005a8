import { startSupervisor } from '@bud-monitoring/stack';
import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { demoFleet, fleetSeries } from '../../stack/src/fleet/index.js';

const MAIN = fileURLToPath(new URL('../../stack/dist/fleet/main.js', import.meta.url));
const ANCHOR = 1_795_370_000;

describe('the exporter as a process', () => {
  it('exports the fleet of its anchor, and ends when told', async () => {
    if (!existsSync(MAIN)) throw new Error('The exporter is not built: run `npm run build` first');
    const supervisor = await startSupervisor();
    try {
      const exporter = await supervisor.start({
        name: 'fleet-exporter',
        command: [process.execPath, MAIN],
        env: { FLEET_ANCHOR: String(ANCHOR) },
      });
      const url = await new Promise<string>((resolve) => {
        exporter.onLine((line) => line.startsWith('ready ') && resolve(line.slice(6)));
      });

      const text = await (await fetch(`${url}/metrics`)).text();
      const end = await exporter.stop();

      const [boot] = fleetSeries(demoFleet({ anchor: ANCHOR })).filter(
        ({ name }) => name === 'node_boot_time_seconds',
      );
      expect(text).toContain(`cluster="${boot!.labels['cluster']!}"} ${boot!.value(ANCHOR)!}\n`);
      expect(end).toMatchObject({ code: 0, signal: null });
    } finally {
      await supervisor.stop();
    }
  });
});
