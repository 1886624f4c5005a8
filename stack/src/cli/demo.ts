import { parseArgs } from 'node:util';
import { createInk } from '../demo/ink.js';
import { runDemo } from '../demo/run.js';
import { aborted, inForeground } from './foreground.js';

await inForeground(async ({ signal }) => {
  const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } });
  const { stdout } = process;
  // Whoever wants to know whether all of it works has not been told.
  if (values.once) signal.addEventListener('abort', () => (process.exitCode = 130));
  await runDemo({
    env: process.env,
    signal,
    screen: {
      write: (text) => stdout.write(text),
      live: stdout.isTTY,
      ink: createInk(stdout.isTTY && stdout.hasColors()),
    },
    async linger(stack) {
      if (values.once) return;
      console.log('\nEverything stays up until Ctrl-C.');
      const reason = await Promise.race([stack.failed, aborted(signal)]);
      if (reason !== undefined) throw new Error(reason);
    },
  });
});
