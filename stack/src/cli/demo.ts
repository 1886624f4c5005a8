import { parseArgs } from 'node:util';
import { createTerminalStyle } from '../demo/terminal-style.js';
import { runDemo } from '../demo/run.js';
import { aborted, inForeground } from './foreground.js';

await inForeground(async ({ signal }) => {
  const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } });
  const { stdout } = process;
  // Interrupted, `--once` has not shown that everything works.
  if (values.once) signal.addEventListener('abort', () => (process.exitCode = 130));
  await runDemo({
    env: process.env,
    signal,
    screen: {
      write: (text) => stdout.write(text),
      live: stdout.isTTY,
      style: createTerminalStyle(stdout.isTTY && stdout.hasColors()),
    },
    async keepRunning(stack) {
      if (values.once) return;
      console.log('\nEverything stays up until Ctrl-C.');
      const reason = await Promise.race([stack.failed, aborted(signal)]);
      if (reason !== undefined) throw new Error(reason);
    },
  });
});
