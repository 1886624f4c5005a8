import { createRestarter } from '../development/restart-changed.js';
import { watchBuild } from '../development/watch-build.js';
import { builtCode } from '../paths.js';
import { describeEnd } from '../processes/describe.js';
import { startSupervisor } from '../processes/supervisor.js';
import { startProduct } from '../product.js';
import { inForeground } from './foreground.js';
import { printAccess, untilStopped } from './start-output.js';

/** As `npm start`, but a service is restarted when its code has been rebuilt, and its log is shown. */
await inForeground(async ({ signal, report }) => {
  const { env } = process;
  await using stack = await startProduct({
    env,
    fleet: [],
    report,
    signal,
    onLine: (appId, line) => report(`${appId}: ${line}`),
    development: true,
  });
  const services = (['metrics', 'dashboard'] as const).flatMap((name) => {
    const { appId, process: server } = stack.app(`bud-${name}`);
    return server ? [{ name: appId, server, directories: builtCode(name) }] : [];
  });
  const restartChanged = await createRestarter(services, report);

  const supervisor = await startSupervisor();
  try {
    const compilerEnded = new Promise<string>((resolve) =>
      supervisor.onUnexpectedEnd((end) => resolve(describeEnd(end))),
    );
    await watchBuild({
      env,
      supervisor,
      report,
      onBuilt: (errors) => {
        if (errors === 0) void restartChanged();
      },
    });
    await printAccess(stack);
    await untilStopped(signal, stack.failed, compilerEnded);
  } finally {
    await supervisor.stop();
  }
});
