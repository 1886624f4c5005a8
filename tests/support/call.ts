import { execFile } from 'node:child_process';

/** Runs a short program to its end and gives its standard output; throws with what it said otherwise. */
export function call(
  command: readonly [string, ...string[]],
  options: { env: Readonly<Record<string, string>>; input?: string },
): Promise<string> {
  const [program, ...args] = command;
  const limits = { maxBuffer: 64 * 1024 * 1024, timeout: 120_000 };
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { env: options.env, ...limits }, (error, out, said) => {
      if (error) reject(new Error(`${program} ${args[0] ?? ''}: ${said || error.message}`));
      else resolve(out);
    });
    child.stdin?.on('error', () => undefined); // it may end before it has read its input
    child.stdin?.end(options.input ?? '');
  });
}
