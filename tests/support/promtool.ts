import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll } from '@jest/globals';
import { findPrograms, startSupervisor, type Supervisor } from '@bud-monitoring/stack';

const execute = promisify(execFile);

/** promtool for the tests of a file. */
export interface Promtool {
  /** Disappears after the last test. */
  directory(): string;
  /** Runs it; rejects, with `stdout` and `stderr`, where it finds something wrong. */
  run(...args: string[]): Promise<{ stdout: string; stderr: string }>;
}

/** Finds or installs promtool before the first test of the file. */
export function usePromtool(): Promtool {
  let supervisor: Supervisor;
  let program: string;
  beforeAll(async () => {
    supervisor = await startSupervisor();
    const options = { env: process.env, report: () => undefined, supervisor };
    program = (await findPrograms(['promtool'], options))('promtool');
  }, 120_000);
  afterAll(() => supervisor.stop());
  return { directory: () => supervisor.directory, run: (...args) => execute(program, args) };
}
