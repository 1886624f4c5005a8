import { programsFor } from '../dependencies.js';
import { prepareOptedIn } from '../opt-in/index.js';
import { startSupervisor } from '../processes/supervisor.js';
import { UnavailableError } from '../programs/find.js';
import { findPrograms } from '../programs/index.js';
import { inForeground } from './foreground.js';

/** What automake's tests exit with, too. */
const SKIPPED = 77;

/**
 * Installs and builds what the tests run on, before them, so that their time limits do not apply. Exits with 77
 * where opted-in tests lack what this machine cannot have.
 */
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
    const context = { env, report, supervisor };
    await findPrograms([...names, ...second], context);
    await prepareOptedIn(env['OPT_IN'] ?? '', context).catch((error: unknown) => {
      if (!(error instanceof UnavailableError)) throw error;
      report(`skipped: the tests of ${env['OPT_IN']} cannot run here. ${error.message}`);
      process.exitCode = SKIPPED;
    });
  } finally {
    await supervisor.stop();
  }
});
