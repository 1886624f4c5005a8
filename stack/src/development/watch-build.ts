import { ROOT } from '../paths.js';
import { toolEnv, type Env } from '../programs/env.js';
import type { Supervisor } from '../processes/supervisor.js';

/** The last line of a build: `[12:00:00 AM] Found 0 errors. Watching for file changes.` */
const ENDED = /Found (\d+) errors?\. Watching for file changes\./;

/**
 * Runs `tsc -b --watch` over the workspace. Calls `onBuilt` after each build, the first included, with
 * the number of type errors; passes what the compiler says to `report`.
 */
export async function watchBuild(options: {
  env: Env;
  supervisor: Supervisor;
  report: (line: string) => void;
  onBuilt: (errors: number) => void;
}): Promise<void> {
  const { env, supervisor, report, onBuilt } = options;
  const compiler = await supervisor.start({
    name: 'tsc',
    command: [
      process.execPath,
      'node_modules/typescript/bin/tsc',
      '--build',
      '--watch',
      '--preserveWatchOutput',
    ],
    cwd: ROOT,
    env: toolEnv(env),
  });
  compiler.onLine((line) => {
    const [, errors] = ENDED.exec(line) ?? [];
    if (errors !== '0' && line.trim() !== '') report(line);
    if (errors !== undefined) onBuilt(Number(errors));
  });
}
