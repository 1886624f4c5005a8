import { programsFor } from '../dependencies.js';
import { startSupervisor } from '../processes/supervisor.js';
import { findPrograms } from '../programs/index.js';
import { inForeground } from './foreground.js';

/** Installs and builds what the tests run on, before them, so that their time limits do not apply. */
await inForeground(async ({ signal, report }) => {
  const { env } = process;
  const everything = {
    redis: true,
    prometheus: true,
    victoriaMetrics: true,
    nodeExporter: true,
    gateway: true,
  };
  const supervisor = await startSupervisor();
  signal.addEventListener('abort', () => void supervisor.stop());
  try {
    const second = env['CI'] ? (['prometheus-3'] as const) : []; // the tests in CI run on both
    const names = [...programsFor(everything), 'prometheus-alertmanager' as const];
    await findPrograms([...names, ...second], { env, report, supervisor });
  } finally {
    await supervisor.stop();
  }
});
