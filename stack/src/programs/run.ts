import { describeEnd } from '../processes/describe.js';
import type { ProcessOptions } from '../processes/process.js';
import type { Supervisor } from '../processes/supervisor.js';

/** Runs a program to its end and gives its output. Throws with its last lines when it fails. */
export async function run(supervisor: Supervisor, options: ProcessOptions): Promise<string> {
  const child = await supervisor.start({ ...options, endsByItself: true });
  const end = await child.ended;
  if (end.code === 0) return child.logs();
  throw new Error(describeEnd(end));
}
